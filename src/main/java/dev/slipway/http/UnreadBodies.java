package dev.slipway.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.resteasy.reactive.server.vertx.VertxInputStream;

/**
 * What clients still send after they were answered: read and thrown away for a bounded time, then the connection is
 * closed. Without it a client that does not look for the answer until all is sent reports a broken pipe instead.
 */
@Singleton
class UnreadBodies {
    /** Up to here it is cheaper to read the rest than to open a new connection. */
    private static final long SMALL = 64 * 1024;

    /** The most the framework may read of a body for itself (an entity parameter); our own reading has its own limit. */
    private static final long LARGEST_ENTITY = 4 * 1024 * 1024;

    private static final int BEFORE_EVERYTHING_ELSE = 1_000;

    private final Vertx vertx;
    private final long limit;
    private final long timeoutMillis;

    @Inject
    UnreadBodies(Vertx vertx, HttpConfig config) {
        this.vertx = vertx;
        this.limit = config.drainLimit().asLongValue();
        this.timeoutMillis = Math.max(1, config.drainTimeout().toMillis());
    }

    void register(@Observes Filters filters) {
        filters.register(this::watch, BEFORE_EVERYTHING_ELSE);
    }

    private void watch(RoutingContext exchange) {
        HttpServerRequest request = exchange.request();
        if (mayHaveBody(request)) {
            exchange.put(VertxInputStream.MAX_REQUEST_SIZE_KEY, LARGEST_ENTITY);
            exchange.addHeadersEndHandler(v -> announce(request));
            exchange.addEndHandler(answered -> {
                if (answered.succeeded() && !request.isEnded()) {
                    drain(request);
                }
            });
        }
        exchange.next();
    }

    private static boolean mayHaveBody(HttpServerRequest request) {
        return BodyStream.announcedLength(request) > 0 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private static void announce(HttpServerRequest request) {
        if (!request.isEnded() && isLastOfItsConnection(request)) {
            request.response().headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    private static boolean isLastOfItsConnection(HttpServerRequest request) {
        long length = BodyStream.announcedLength(request);
        // After an unanswered Expect nobody knows whether the next byte is this body's or a new request's.
        return length < 0 || length > SMALL || BodyStream.isContinueExpected(request);
    }

    private void drain(HttpServerRequest request) {
        boolean close = isLastOfItsConnection(request);
        long timer = vertx.setTimer(timeoutMillis, t -> request.connection().close());
        request.exceptionHandler(e -> vertx.cancelTimer(timer));
        request.handler(new Discard(request)).endHandler(v -> {
            vertx.cancelTimer(timer);
            if (close) {
                request.connection().close();
            }
        });
        request.resume();
    }

    /** Counts what it throws away and closes the connection at the limit. */
    private final class Discard implements Handler<Buffer> {
        private final HttpServerRequest request;
        private long discarded;

        Discard(HttpServerRequest request) {
            this.request = request;
        }

        @Override
        public void handle(Buffer chunk) {
            discarded += chunk.length();
            if (discarded > limit) {
                request.connection().close();
            }
        }
    }
}
