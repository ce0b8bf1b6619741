package dev.slipway.build;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Function;

/**
 * From where on this process looks for the next build to claim: from the last one's place. What was claimed stays in the
 * queue's index as long as a transaction that may still see it is open anywhere in the database, and a look from the
 * very front passes all of it. In front of that place may stand builds that came back, or whose transaction took long:
 * so the whole queue is looked at once per poll, and where nothing else is found; nothing waits longer for that.
 */
final class QueueHead {
    private static final OffsetDateTime FRONT = OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    /** How often it looks at all of it where there is nothing to do. */
    private static final long AGAIN_NANOS = 100_000_000;

    private final long pollNanos;
    private OffsetDateTime place = FRONT;
    private long lookedAtAll;

    QueueHead(Duration poll) {
        this.pollNanos = poll.toNanos();
        lookAtAll();
    }

    /** Claims by {@code claim}, which gets the earliest time of queueing that it is to look at. */
    Optional<QueueRepository.Claimed> next(Function<OffsetDateTime, Optional<QueueRepository.Claimed>> claim) {
        try {
            OffsetDateTime from = from(System.nanoTime(), pollNanos);
            Optional<QueueRepository.Claimed> found = claim.apply(from);
            // there is time: something may have come back
            if (found.isEmpty() && from != FRONT && from(System.nanoTime(), AGAIN_NANOS) == FRONT) {
                found = claim.apply(FRONT);
            }
            found.ifPresent(build -> moveTo(build.queuedAt()));
            return found;
        } catch (RuntimeException e) {
            lookAtAll();
            throw e;
        }
    }

    /** Makes the next look one at the whole queue. */
    synchronized void lookAtAll() {
        lookedAtAll = System.nanoTime() - pollNanos;
    }

    private synchronized OffsetDateTime from(long now, long within) {
        if (now - lookedAtAll < within) {
            return place;
        }
        lookedAtAll = now;
        return FRONT;
    }

    /** Back, too: where one came back there may be more, and they are next. */
    private synchronized void moveTo(OffsetDateTime found) {
        place = found;
    }
}
