package dev.slipway.build;

import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.IntFunction;
import org.jboss.logging.Logger;

/**
 * Deletes what hangs on no build and would grow for ever: keys of requests that have expired, and whose turn it was to
 * push a tag. Every replica has one; they do not wait for each other.
 */
@ApplicationScoped
class QueueHousekeeping {
    private static final Logger LOG = Logger.getLogger(QueueHousekeeping.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** Few enough to hold no locks for long. */
    private static final int BATCH = 1_000;

    private final IdempotencyRepository keys;
    private final PushTurnRepository turns;

    QueueHousekeeping(IdempotencyRepository keys, PushTurnRepository turns) {
        this.keys = keys;
        this.turns = turns;
    }

    @Scheduled(every = "PT10M", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void run() {
        try {
            runOnce();
        } catch (RuntimeException e) {
            LOG.warnf("what hangs on no build could not be deleted, which is tried again: %s", e.getMessage());
        }
    }

    void runOnce() {
        repeat(keys::forget);
        repeat(turns::forget);
    }

    private static void repeat(IntFunction<Uni<Integer>> forget) {
        int forgotten = BATCH;
        while (forgotten == BATCH) {
            forgotten = forget.apply(BATCH).await().atMost(PATIENCE);
        }
    }
}
