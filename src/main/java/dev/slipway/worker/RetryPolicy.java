package dev.slipway.worker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How often something is tried whose failure may pass, and how long is waited in between. */
record RetryPolicy(int tries, Duration delay, Duration maxDelay) {
    private static final int MOST_DOUBLINGS = 20;

    /** The settings for registries. */
    static RetryPolicy of(WorkerConfig config) {
        return new RetryPolicy(config.registryTries(), config.registryRetryDelay(), config.registryMaxRetryDelay());
    }

    /** The wait behind a try, the first being 1: longer from try to try, and never the same for two. */
    Duration delayAfter(int tried) {
        long grown = delay.toNanos() << Math.min(tried - 1, MOST_DOUBLINGS);
        long varied = (long) (grown * ThreadLocalRandom.current().nextDouble(0.5, 1.5));
        return Duration.ofNanos(Math.min(varied, maxDelay.toNanos()));
    }
}
