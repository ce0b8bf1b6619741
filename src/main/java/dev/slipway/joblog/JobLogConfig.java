package dev.slipway.joblog;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What may be set about build logs. */
@ConfigMapping(prefix = "slipway.log")
public interface JobLogConfig {
    /** How much of an attempt's output is kept: three quarters from its beginning, one from its end. */
    @WithDefault("32M")
    MemorySize maxBytes();

    /** How much may wait for the database before a build that prints is held back. */
    @WithDefault("4M")
    MemorySize bufferBytes();

    /** How much a build may print per second once the beginning is full; the rest of it is thrown away anyway. */
    @WithDefault("64M")
    MemorySize floodRate();

    /** The least time between two batches of a build. */
    @WithDefault("PT0.025S")
    Duration flushInterval();

    /** After how long a silence an unfinished line, for example a prompt, is shown. */
    @WithDefault("PT1S")
    Duration partialAfter();

    /** How often followers look for new lines when no notification comes. */
    @WithDefault("PT1S")
    Duration pollInterval();

    /** How long the end of an attempt waits for its last lines to be stored. */
    @WithDefault("PT10S")
    Duration closeTimeout();
}
