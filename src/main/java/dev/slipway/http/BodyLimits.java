package dev.slipway.http;

import java.time.Duration;

/** What one body may cost: bytes in all, bytes waiting in memory, silence, and time as a whole. */
record BodyLimits(long maxBody, long buffer, Duration idleTimeout, Duration timeout) {
    static BodyLimits of(HttpConfig config) {
        return new BodyLimits(
                config.maxBody().asLongValue(),
                config.bodyBuffer().asLongValue(),
                config.bodyIdleTimeout(),
                config.bodyTimeout());
    }

    /** The same for a body that must not be longer than {@code max} either. */
    BodyLimits atMost(long max) {
        return new BodyLimits(Math.min(max, maxBody), buffer, idleTimeout, timeout);
    }
}
