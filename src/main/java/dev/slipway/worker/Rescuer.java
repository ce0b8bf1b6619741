package dev.slipway.worker;

import dev.slipway.build.BuildClaim;
import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildQueue;
import dev.slipway.joblog.JobLog;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Gives builds of dead workers back to the queue. Every replica has one, and any of them may find a build first. After
 * an outage of the database it waits a lease: the owners could not renew theirs either.
 */
@ApplicationScoped
class Rescuer {
    private static final Logger LOG = Logger.getLogger(Rescuer.class);

    private final BuildQueue queue;
    private final JobLog log;
    private final Node node;
    private final long leaseNanos;
    private final LongSupplier clock;
    private long lastSeen;
    private long judgeFrom;
    private boolean first = true;

    @Inject
    Rescuer(BuildQueue queue, JobLog log, Node node, BuildConfig config) {
        this(queue, log, node, config, System::nanoTime);
    }

    /** @param clock a monotonic one, in nanoseconds */
    Rescuer(BuildQueue queue, JobLog log, Node node, BuildConfig config, LongSupplier clock) {
        this.queue = queue;
        this.log = log;
        this.node = node;
        this.leaseNanos = config.lease().toNanos();
        this.clock = clock;
        this.lastSeen = clock.getAsLong();
        this.judgeFrom = lastSeen;
    }

    @Scheduled(every = "${slipway.build.poll:PT1S}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void run() {
        try {
            runOnce();
        } catch (RuntimeException e) {
            LOG.warnf("no build of a dead worker could be taken back, which is tried again: %s", e.getMessage());
        }
    }

    void runOnce() {
        // an answer may be late by the whole outage: so the clock is read behind one that takes nothing from anybody
        queue.rescue(List.of(), false);
        long now = clock.getAsLong();
        if (now - lastSeen > leaseNanos / 2) {
            judgeFrom = now + leaseNanos;
            LOG.infof("the database was away: leases are judged again in %d s", leaseNanos / 1_000_000_000);
        }
        lastSeen = now;
        List<String> dead = first ? node.predecessors(queue) : List.of();
        if (!dead.isEmpty()) {
            LOG.infof("taking back the builds of this node's last run");
        }
        if (now >= judgeFrom || !dead.isEmpty()) {
            queue.rescue(dead, now >= judgeFrom).forEach(this::tell);
        }
        first = false;
    }

    private void tell(BuildClaim lost) {
        LOG.warnf("build %s: the worker of attempt %d died or lost its lease", lost.id(), lost.attempt());
        log.note(lost.id(), "The worker of attempt " + lost.attempt() + " died or lost its lease.")
                .await()
                .atMost(Duration.ofSeconds(15));
    }
}
