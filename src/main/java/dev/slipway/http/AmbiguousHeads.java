package dev.slipway.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Refuses heads that pass the framework's parser, but that a proxy in front of it may read in another way: with several
 * hosts, or with a transfer coding beside {@code chunked}.
 */
@Singleton
class AmbiguousHeads {
    /** Behind what reads the rest of a refused body. */
    private static final int EARLY = 900;

    void register(@Observes Filters filters) {
        filters.register(AmbiguousHeads::judge, EARLY);
    }

    private static void judge(RoutingContext exchange) {
        MultiMap headers = exchange.request().headers();
        List<String> codings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
        boolean framed =
                codings.isEmpty() || codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked");
        if (framed && headers.getAll(HttpHeaders.HOST).size() <= 1) {
            exchange.next();
        } else {
            exchange.fail(400);
        }
    }
}
