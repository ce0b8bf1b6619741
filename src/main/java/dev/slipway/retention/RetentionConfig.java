package dev.slipway.retention;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How long what has ended is kept. Whatever rule comes first decides; running and queued builds keep everything. */
@ConfigMapping(prefix = "slipway.retention")
public interface RetentionConfig {
    /** How often it is looked whether something may go. */
    @WithDefault("PT5M")
    Duration interval();

    /** How long a finished build is kept. */
    @WithDefault("P30D")
    Duration buildsAge();

    /** How many builds are kept: the newest. */
    @WithDefault("10000")
    long buildsCount();

    /** How long a finished build's log is kept whole. */
    @WithDefault("P30D")
    Duration logsAge();

    /** How many bytes of finished builds' logs are kept. */
    @WithDefault("2G")
    MemorySize logsSize();

    /** How long a finished build's source and stage are kept. */
    @WithDefault("P7D")
    Duration sourcesAge();

    /** How many bytes of sources and stages are kept; without it a fifth of the disk they are on. */
    Optional<MemorySize> sourcesSize();

    /** Refuses settings that cannot be meant, naming the property. */
    static void check(RetentionConfig config) {
        positive("interval", config.interval());
        positive("builds-age", config.buildsAge());
        positive("logs-age", config.logsAge());
        positive("sources-age", config.sourcesAge());
        if (config.buildsCount() < 1) {
            throw refused("builds-count", config.buildsCount());
        }
    }

    private static void positive(String property, Duration value) {
        if (!value.isPositive()) {
            throw refused(property, value);
        }
    }

    private static IllegalArgumentException refused(String property, Object value) {
        return new IllegalArgumentException(
                "tried to use slipway.retention." + property + "=" + value + " but it has to be more than nothing");
    }
}
