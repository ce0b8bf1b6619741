package dev.slipway.buildah;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;
import java.util.OptionalDouble;

/** What one build may use of the machine; how long it may take is set elsewhere. */
@ConfigMapping(prefix = "slipway.limit")
public interface LimitConfig {
    /** The most processes and threads at a time. */
    @WithDefault("4096")
    int processes();

    /** The most memory of all its processes together; by default half of the machine's. */
    Optional<MemorySize> memory();

    /** How many processors BUILD may use, as 2 or 1.5; by default all, behind whatever else the machine does. */
    OptionalDouble cpus();

    /** The most it may write to the disk, pulled images included. */
    @WithDefault("20G")
    MemorySize disk();

    /** The most it may print. */
    @WithDefault("4G")
    MemorySize output();

    /** What stays free of the machine's memory: below it the build that uses most is ended. */
    @WithDefault("256M")
    MemorySize minFreeMemory();

    /** What stays free of the disk: below it the build that wrote most is ended. */
    @WithDefault("1G")
    MemorySize minFreeDisk();
}
