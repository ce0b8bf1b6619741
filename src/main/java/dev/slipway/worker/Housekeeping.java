package dev.slipway.worker;

import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/** Has the slots looked after now and then, as long as this process builds. */
@ApplicationScoped
class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);

    private final WorkerPool workers;

    Housekeeping(WorkerPool workers) {
        this.workers = workers;
    }

    @Scheduled(
            every = "${slipway.worker.housekeeping-interval:PT1M}",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void run() {
        try {
            workers.lookAfterSlots();
        } catch (RuntimeException e) {
            LOG.warnf("the slots could not be looked after, which is tried again: %s", e.getMessage());
        }
    }
}
