package dev.slipway.http;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The service's stop as its clients see it: no new connections, so that they go to another replica; requests under way
 * get time to end; and whoever keeps a connection is told with his next answer that there will be no other. The
 * framework's own way would answer what comes meanwhile with 503.
 */
@Singleton
class ConnectionDrain {
    /** After {@link Connections}, and before all others. */
    private static final int EARLY = 1_000;
    /** Those who hold answers back are told first. */
    private static final int LAST = 10_000;
    /** How long a connection without a request stays open: a request may be on its way. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(10);

    private final Duration grace;
    private final Connections connections;
    private volatile boolean draining;

    @Inject
    ConnectionDrain(HttpConfig config, Connections connections) {
        this.grace = config.shutdownGrace();
        this.connections = connections;
    }

    void register(@Observes Filters filters) {
        filters.register(this::closeAfterwards, EARLY);
    }

    private void closeAfterwards(RoutingContext exchange) {
        HttpServerRequest request = exchange.request();
        exchange.addHeadersEndHandler(written -> {
            if (draining) {
                request.response().headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
        });
        exchange.addEndHandler(ended -> {
            if (draining && request.isEnded()) {
                request.connection().close();
            }
        });
        exchange.next();
    }

    /** Returns when all requests have ended, or are cut off because their time is over. */
    void drain(@Observes @Priority(LAST) ShutdownDelayInitiatedEvent event) {
        draining = true;
        connections.acceptNoMore();
        long began = System.nanoTime();
        while (!isDone(Duration.ofNanos(System.nanoTime() - began))) {
            LockSupport.parkNanos(LOOK.toNanos());
        }
        connections.open().forEach(Connection::close);
    }

    private boolean isDone(Duration passed) {
        boolean idle = connections.open().stream().allMatch(Connection::isIdle);
        return connections.open().isEmpty() || passed.compareTo(grace) >= 0 || idle && passed.compareTo(LINGER) >= 0;
    }
}
