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
 * so once per poll the whole queue is looked at, and nothing waits longer for that.
 */
final class QueueHead {
    private static final OffsetDateTime FRONT = OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

    private final long pollNanos;
    private OffsetDateTime place = FRONT;
    private long lookedAtAll;

    QueueHead(Duration poll) {
        this.pollNanos = poll.toNanos();
        lookAtAll();
    }

    /** Claims by {@code claim}, which gets the earliest time of queueing that it is to look at. */
    Optional<QueueRepository.Claimed> next(Function<OffsetDateTime, Optional<QueueRepository.Claimed>> claim) {
        Optional<QueueRepository.Claimed> found = claim.apply(from(System.nanoTime()));
        found.ifPresent(build -> moveTo(build.queuedAt()));
        return found;
    }

    /** Makes the next look one at the whole queue. */
    synchronized void lookAtAll() {
        lookedAtAll = System.nanoTime() - pollNanos;
    }

    private synchronized OffsetDateTime from(long now) {
        if (now - lookedAtAll < pollNanos) {
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
