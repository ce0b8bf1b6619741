package dev.slipway.worker;

import dev.slipway.build.BuildClaim;
import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildQueue;
import dev.slipway.joblog.JobLog;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
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
    private long lastSeen = System.nanoTime();
    private long judgeFrom = lastSeen;
    private boolean first = true;

    Rescuer(BuildQueue queue, JobLog log, Node node, BuildConfig config) {
        this.queue = queue;
        this.log = log;
        this.node = node;
        this.leaseNanos = config.lease().toNanos();
    }

    @Scheduled(every = "${slipway.build.poll:PT1S}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void run() {
        try {
            runOnce(System.nanoTime());
        } catch (RuntimeException e) {
            LOG.debugf("the database does not answer: %s", e.getMessage());
        }
    }

    /** @param now by the monotonic clock, in nanoseconds */
    void runOnce(long now) {
        List<String> dead = first ? node.predecessors(queue) : List.of();
        if (!dead.isEmpty()) {
            LOG.infof("taking back the builds of this node's last run");
        }
        if (now - lastSeen > leaseNanos / 2) {
            judgeFrom = now + leaseNanos;
            LOG.infof("the database was away: leases are judged again in %d s", leaseNanos / 1_000_000_000);
        }
        if (now >= judgeFrom || !dead.isEmpty()) {
            queue.rescue(dead, now >= judgeFrom).forEach(this::tell);
        } else {
            queue.owners(); // to notice when it goes away again
        }
        first = false;
        lastSeen = System.nanoTime();
    }

    private void tell(BuildClaim lost) {
        LOG.warnf("build %s: the worker of attempt %d died or lost its lease", lost.id(), lost.attempt());
        log.note(lost.id(), "The worker of attempt " + lost.attempt() + " died or lost its lease.")
                .await()
                .atMost(Duration.ofSeconds(15));
    }
}
