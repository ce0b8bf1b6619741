package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

/** The framework's own pages know GET, HEAD and OPTIONS as resources do; left alone, some answer any method. */
@Singleton
class FrameworkPages {
    private static final List<String> PAGES = List.of("/openapi*", "/docs*", "/q/health*");
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);
    private static final int BEFORE_THE_PAGES = -1_000;

    void register(@Observes Router router) {
        PAGES.forEach(path -> router.route(path).order(BEFORE_THE_PAGES).handler(FrameworkPages::judge));
    }

    private static void judge(RoutingContext exchange) {
        if (READING.contains(exchange.request().method())) {
            exchange.next();
            return;
        }
        HttpServerResponse response = exchange.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, OPTIONS");
        if (exchange.request().method().equals(HttpMethod.OPTIONS)) {
            response.setStatusCode(204).end();
        } else {
            String request =
                    exchange.request().method() + " " + exchange.request().path();
            ErrorAnswer answer = Failures.ofStatus(HttpStatus.of(ErrorCode.METHOD_NOT_ALLOWED), request)
                    .problem()
                    .toAnswer();
            response.setStatusCode(answer.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, answer.mediaType())
                    .end(answer.body());
        }
    }
}
