package dev.slipway.build;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How builds are queued. */
@ConfigMapping(prefix = "slipway.build")
public interface BuildConfig {
    /** How long a worker owns a build without renewing its lease; it renews five times as often. */
    @WithDefault("PT10S")
    Duration lease();

    /** At how many lost leases since the last retry a build is given up. */
    @WithDefault("3")
    int maxCrashes();

    /** How often the queue is looked at when no notification comes. */
    @WithDefault("PT1S")
    Duration poll();
}
