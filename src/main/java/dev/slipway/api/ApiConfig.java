package dev.slipway.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The settings of our own API. */
@ConfigMapping(prefix = "slipway.api")
public interface ApiConfig {
    /** How long {@code Prefer: wait} may wait. */
    @WithDefault("PT10M")
    Duration maxWait();

    /** After how long a silence a stream of events shows that it is alive. */
    @WithDefault("PT15S")
    Duration heartbeat();
}
