package dev.slipway.image;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** What the service knows about registries. */
@ConfigMapping(prefix = "slipway.registry")
public interface RegistryConfig {
    /** The registry (host or host:port) of images that name none. */
    Optional<String> defaultHost();

    /** Put before a single name without a host: {@code app} becomes {@code <default>/<namespace>/app}. */
    Optional<String> namespace();

    /** Users and passwords by registry host, in the form of containers-auth.json(5). */
    Optional<Path> authFile();

    /** Registries (host or host:port) with plain http or a certificate nobody vouches for. */
    Optional<Set<String>> insecure();
}
