package dev.slipway.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** What fails outside any resource: paths that cannot be decoded, routes of the framework itself. */
@Singleton
class RouterFailures {
    private static final List<Integer> BARE_STATUSES = List.of(400, 404, 405, 406, 413, 415, 500);
    private static final int BEFORE_THE_FRAMEWORKS_OWN = -1_000;

    private final WireFormats formats;

    @Inject
    RouterFailures(WireFormats formats) {
        this.formats = formats;
    }

    void register(@Observes Router router) {
        BARE_STATUSES.forEach(status -> router.errorHandler(status, this::answer));
        router.route().order(BEFORE_THE_FRAMEWORKS_OWN).failureHandler(this::answer);
    }

    private void answer(RoutingContext exchange) {
        if (exchange.failure() instanceof SecurityException) {
            exchange.next(); // challenges are the security layer's own
            return;
        }
        HttpServerResponse response = exchange.response();
        if (response.ended() || response.closed()) {
            return;
        }
        Failure failure = failure(exchange);
        if (response.headWritten()) {
            response.reset(); // an orderly end would make a cut-off answer look complete
            return;
        }
        write(
                response,
                failure,
                formats.answer(failure.problem(), path(exchange)),
                exchange.request().method());
    }

    private static Failure failure(RoutingContext exchange) {
        String request = exchange.request().method() + " " + path(exchange);
        return exchange.failure() != null && exchange.statusCode() != 400
                ? Failures.of(exchange.failure(), request)
                : Failures.ofStatus(exchange.statusCode() < 400 ? 500 : exchange.statusCode(), request);
    }

    private static String path(RoutingContext exchange) {
        String path = exchange.request().path();
        return path == null ? "" : path;
    }

    private static void write(HttpServerResponse response, Failure failure, ErrorAnswer answer, HttpMethod method) {
        response.setStatusCode(answer.status()).putHeader(HttpHeaders.CONTENT_TYPE, answer.mediaType());
        failure.headers().forEach(response::putHeader);
        if (method.equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(answer.body());
        }
    }
}
