package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that all sources together may take while they arrive. Who finds none left waits for a while, and its client
 * with it; then it is refused. Half of it is kept for those that need little, so that a few large decoders keep nobody
 * from sending a plain archive.
 */
final class MemoryBudget {
    /** What a plain or gzip archive of ordinary size stays below. */
    private static final long LITTLE = 1 << 20;

    private final long total;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition returned = lock.newCondition();
    private long free;

    MemoryBudget(long total, Duration patience) {
        this.total = total;
        this.patience = patience;
        this.free = total;
    }

    /** One for those that are few by themselves: workers, as many as there are slots. */
    static MemoryBudget unlimited() {
        return new MemoryBudget(Long.MAX_VALUE, Duration.ZERO);
    }

    /** The most that a single source can get. */
    long most() {
        return total / 2;
    }

    /**
     * Takes bytes, waiting for them where that helps.
     *
     * @param held what the same source has already
     */
    void take(long bytes, long held) {
        if (bytes > most() - held) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_MEMORY_LIMIT, "it needs more than the " + most() + " bytes of memory there are");
        }
        long others = held + bytes > LITTLE ? total - most() : 0;
        lock.lock();
        try {
            long left = patience.toNanos();
            while (free - bytes < others) {
                if (left <= 0) {
                    throw exhausted();
                }
                left = returned.awaitNanos(left);
            }
            free -= bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException("interrupted while waiting for memory"));
        } finally {
            lock.unlock();
        }
    }

    void giveBack(long bytes) {
        lock.lock();
        try {
            free += bytes;
            returned.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What is taken now. */
    long taken() {
        lock.lock();
        try {
            return total - free;
        } finally {
            lock.unlock();
        }
    }

    private static SlipwayException exhausted() {
        return new SlipwayException(
                ErrorCode.UNAVAILABLE,
                "tried to read the source but too many are arriving at once; try again in a few seconds",
                Map.of("retryAfter", "5"),
                null);
    }
}
