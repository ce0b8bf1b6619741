package dev.slipway.worker;

import dev.slipway.build.BuildClaim;
import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Renews the leases of this process's attempts, all in one statement, and passes the renewal on to their sandboxes as a
 * heartbeat. So a sandbox outlives its lease by no way: not when this process dies, freezes, or loses the database.
 */
final class LeaseKeeper {
    private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

    private final BuildQueue queue;
    private final Duration lease;
    private final Set<RunningAttempt> attempts = ConcurrentHashMap.newKeySet();
    private final Semaphore hurry = new Semaphore(0);
    private volatile boolean stopped;

    LeaseKeeper(BuildQueue queue, BuildConfig config) {
        this.queue = queue;
        this.lease = config.lease();
    }

    /** How long a sandbox lives without a heartbeat: shorter than the lease by the time a renewal and a kill may take. */
    static Duration silence(Duration lease) {
        return lease.multipliedBy(6).dividedBy(10);
    }

    /** The hold on a lease whose claim was asked for at a moment of {@link System#nanoTime}. */
    Hold hold(long claimed) {
        return new Hold(lease.minus(silence(lease)), claimed);
    }

    void start() {
        Thread.ofPlatform().daemon().name("lease-keeper").start(this::run);
    }

    void stop() {
        stopped = true;
        hurry.release();
    }

    void add(RunningAttempt attempt) {
        attempts.add(attempt);
    }

    void remove(RunningAttempt attempt) {
        attempts.remove(attempt);
    }

    Set<RunningAttempt> attempts() {
        return Set.copyOf(attempts);
    }

    /** Renews now: a cancel is noticed that way. */
    void hurry() {
        hurry.release();
    }

    private void run() {
        while (!stopped) {
            try {
                if (hurry.tryAcquire(lease.toMillis() / 5, TimeUnit.MILLISECONDS)) {
                    hurry.drainPermits();
                }
                if (!attempts.isEmpty()) {
                    renew();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warnf("the leases of %d builds could not be renewed: %s", attempts.size(), e.getMessage());
            }
        }
    }

    private void renew() {
        List<RunningAttempt> asked = List.copyOf(attempts);
        long before = System.nanoTime();
        Map<BuildClaim, BuildQueue.Hold> held =
                queue.renew(asked.stream().map(RunningAttempt::claim).toList());
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        // the lease runs from somewhere within the round trip; a heartbeat that comes late would outlast it
        boolean fresh = took.compareTo(lease.dividedBy(5)) < 0;
        for (RunningAttempt attempt : asked) {
            switch (held.get(attempt.claim())) {
                case null -> lost(attempt);
                case CANCEL_REQUESTED -> {
                    attempt.renewed(before);
                    attempt.stop(RunningAttempt.Stop.CANCELLED);
                }
                case KEPT -> {
                    if (fresh) {
                        attempt.renewed(before);
                    }
                }
            }
        }
    }

    private void lost(RunningAttempt attempt) {
        if (attempts.contains(attempt) && !attempt.isEnding()) { // else it finished while we asked
            LOG.warnf(
                    "build %s: the lease of attempt %d is lost",
                    attempt.claim().id(), attempt.claim().attempt());
            attempt.stop(RunningAttempt.Stop.LOST);
        }
    }
}
