package dev.slipway.worker;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** How builds are run. */
@ConfigMapping(prefix = "slipway.worker")
public interface WorkerConfig {
    /** How many builds run at a time; by default one per core. 0 makes a replica that only takes requests. */
    OptionalInt slots();

    /** Where slots keep their layers. */
    @WithDefault("${slipway.data}/slots")
    Path slotsDirectory();

    /** Where attempts work; emptied at start. */
    @WithDefault("${slipway.data}/work")
    Path workDirectory();

    /** How much of the disk a slot keeps between builds; without it the slots share a quarter of the disk. */
    Optional<MemorySize> slotBudget();

    /** How many images a slot keeps between builds, those of single instructions included. */
    @WithDefault("300")
    int slotImages();

    /** How often slots are looked after. */
    @WithDefault("PT1M")
    Duration housekeepingInterval();

    /** How long BUILD may take, unless the build says otherwise. */
    @WithDefault("PT1H")
    Duration buildTimeout();

    /** How often a registry is asked whose failure may be gone a little later. */
    @WithDefault("4")
    int registryTries();

    /** How long is waited before the second try; before each later one twice as long. */
    @WithDefault("PT2S")
    Duration registryRetryDelay();

    /** The longest wait between two tries. */
    @WithDefault("PT30S")
    Duration registryMaxRetryDelay();

    /** How long a shutdown lets running builds go on before they go back to the queue. */
    @WithDefault("PT5S")
    Duration shutdownGrace();
}
