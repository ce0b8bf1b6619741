package dev.slipway.http;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers that are written piece by piece, as slowly as their readers want them. The framework would write one event or
 * string at a time, for one media type a method, and would let a reader who takes nothing hold up the shutdown.
 */
@Singleton
public class Streams {
    private static final Duration TO_TAKE_THE_END = Duration.ofSeconds(2);

    private final Set<StreamPump> live = ConcurrentHashMap.newKeySet();
    private final Vertx vertx;
    private volatile boolean closing;

    @Inject
    Streams(Vertx vertx) {
        this.vertx = vertx;
    }

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
                    pump.finish();
                    return;
                }
            }
            answer.chunks().subscribe(pump);
        });
    }

    /** What has no end of its own ends here, as if there were no more for now; who takes nothing is cut off. */
    void end(@Observes ShutdownDelayInitiatedEvent event) {
        closing = true;
        live.forEach(StreamPump::finish);
        vertx.setTimer(TO_TAKE_THE_END.toMillis(), timer -> live.forEach(StreamPump::cut));
    }
}
