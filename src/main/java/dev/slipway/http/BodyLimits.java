package dev.slipway.http;

import java.time.Duration;

/**
 * What one body may cost: bytes in all, bytes waiting in memory, silence, and time as a whole.
 *
 * @param kept whether its reader keeps all of it in memory until its work is done
 */
record BodyLimits(long maxBody, long buffer, Duration idleTimeout, Duration timeout, boolean kept) {
    /** What is kept is small, and holds memory that others want. */
    private static final Duration KEPT_TIMEOUT = Duration.ofMinutes(2);

    static BodyLimits of(HttpConfig config) {
        return new BodyLimits(
                config.maxBody().asLongValue(),
                config.bodyBuffer().asLongValue(),
                config.bodyIdleTimeout(),
                config.bodyTimeout(),
                false);
    }

    /** The same for a body of at most {@code max} bytes that is kept. */
    BodyLimits keptUpTo(long max) {
        Duration shorter = timeout.compareTo(KEPT_TIMEOUT) < 0 ? timeout : KEPT_TIMEOUT;
        return new BodyLimits(Math.min(max, maxBody), buffer, idleTimeout, shorter, true);
    }
}
