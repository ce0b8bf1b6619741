package dev.slipway.http;

import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The bodies of requests, each read by a thread of its own while its resource does not block. */
@Singleton
public class Bodies {
    private final BodyLimits limits;
    private final BufferBudget budget;
    private final Blocking blocking;

    @Inject
    Bodies(HttpConfig config, Blocking blocking) {
        this.limits = BodyLimits.of(config);
        this.budget = BufferBudget.of(config);
        this.blocking = blocking;
    }

    /**
     * The same for a body of at most {@code max} bytes that {@code work} keeps in memory: until it is done they count as
     * waiting. An announced length is held against {@code max} before the body is sent.
     */
    public <T> Uni<T> readWhole(HttpServerRequest request, long max, BodyWork<T> work) {
        return read(request, limits.keptUpTo(max), work);
    }

    /**
     * Accepts the request's body (answering {@code Expect: 100-continue}), runs {@code work} on it on a virtual thread
     * and emits its result where the request lives. Fails at once, before the client sends anything, where the
     * announced length is too large. The request must not have been read: inject it with {@code @Context} into a method
     * without form or entity parameters.
     */
    public <T> Uni<T> read(HttpServerRequest request, BodyWork<T> work) {
        return read(request, limits, work);
    }

    private <T> Uni<T> read(HttpServerRequest request, BodyLimits allowed, BodyWork<T> work) {
        return Uni.createFrom().deferred(() -> {
            BodyStream body = BodyStream.open(request, allowed, budget);
            return blocking.call(() -> {
                try (body) {
                    return work.read(body);
                }
            });
        });
    }

    /** The bytes of all bodies that wait in memory. */
    long held() {
        return budget.held();
    }
}
