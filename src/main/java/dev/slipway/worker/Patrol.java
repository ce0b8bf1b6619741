package dev.slipway.worker;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** A look that is taken again and again, on a thread of its own, until it is stopped; one that fails is only logged. */
final class Patrol {
    private static final Logger LOG = Logger.getLogger(Patrol.class);

    private final String name;
    private final Duration interval;
    private final Runnable look;
    private final Semaphore stopped = new Semaphore(0);

    Patrol(String name, Duration interval, Runnable look) {
        this.name = name;
        this.interval = interval;
        this.look = look;
    }

    void start() {
        Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    void stop() {
        stopped.release();
    }

    private void run() {
        try {
            while (!stopped.tryAcquire(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    look.run();
                } catch (RuntimeException e) {
                    LOG.warnf(e, "%s failed", name);
                }
            }
        } catch (InterruptedException e) {
            LOG.debugf("%s was told to stop", name);
        }
    }
}
