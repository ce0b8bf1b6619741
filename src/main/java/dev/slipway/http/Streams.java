package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers that are written piece by piece, as slowly as their readers want them. The framework would write one event or
 * string at a time, for one media type a method, and would let a reader who takes nothing hold up the shutdown.
 */
@Singleton
public class Streams {
    private final Set<StreamPump> live = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    /**
     * Answers the request; completes when all is written. What fails before the first byte is the Uni's failure, what
     * fails later cuts the connection, so that it does not look like an end. Whoever cancels ends the source too.
     */
    public Uni<Void> send(HttpServerRequest request, StreamedAnswer answer) {
        return Uni.createFrom().emitter(emitter -> {
            var pump = new StreamPump(request, answer, emitter);
            if (request.method().equals(HttpMethod.HEAD)) {
                pump.onComplete();
                return;
            }
            emitter.onTermination(() -> {
                live.remove(pump);
                pump.cancel();
            });
            if (answer.live()) {
                live.add(pump);
                if (closing) {
                    emitter.fail(new SlipwayException(
                            ErrorCode.UNAVAILABLE, "tried to begin a live answer but the service shuts down"));
                    return;
                }
            }
            answer.chunks().subscribe(pump);
        });
    }

    /** Comes before requests get their grace: what has no end of its own would use it up for nothing. */
    void cut(@Observes ShutdownDelayInitiatedEvent event) {
        closing = true;
        live.forEach(StreamPump::cut);
    }
}
