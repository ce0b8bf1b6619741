package dev.slipway.worker;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How lately a lease was renewed. Who was frozen, or could not reach the database, does not know whether he still has it,
 * and must begin nothing until he does.
 */
final class Hold {
    private final long freshNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long renewed;
    private boolean over;

    /**
     * A hold on a lease.
     *
     * @param fresh for how long after a renewal something may begin that outlives it by the silence of a sandbox
     * @param renewed when the claim was asked for, by {@link System#nanoTime}
     */
    Hold(Duration fresh, long renewed) {
        this.freshNanos = fresh.toNanos();
        this.renewed = renewed;
    }

    /** The lease was renewed by a statement that was sent then, by {@link System#nanoTime}. */
    void renew(long sent) {
        lock.lock();
        try {
            renewed = sent;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nobody waits any more. */
    void end() {
        lock.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns at once where the last renewal is fresh, else with the next that is, or with the end. */
    void await() throws InterruptedException {
        lock.lock();
        try {
            while (!over && System.nanoTime() - renewed > freshNanos) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }
}
