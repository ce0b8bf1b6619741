package dev.slipway.fetch;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How sources are fetched. */
@ConfigMapping(prefix = "slipway.fetch")
public interface FetchConfig {
    /** Hosts (host or host:port) that may be asked although their addresses are not public. */
    Optional<Set<String>> allowHosts();

    /** How long a connection may take. */
    @WithDefault("PT10S")
    Duration connectTimeout();

    /** How long a server may take until it begins to answer. */
    @WithDefault("PT30S")
    Duration responseTimeout();

    /** How long it may send nothing in the middle of its answer. */
    @WithDefault("PT30S")
    Duration idleTimeout();

    /** How long a fetch may take as a whole, all tries included. */
    @WithDefault("PT1H")
    Duration timeout();

    /** How often a fetch is tried whose failure may be gone a little later. */
    @WithDefault("4")
    int tries();

    /** How long is waited before the second try; before each later one twice as long. */
    @WithDefault("PT1S")
    Duration retryDelay();

    /** The longest wait between two tries, whatever the server asks for. */
    @WithDefault("PT30S")
    Duration maxRetryDelay();
}
