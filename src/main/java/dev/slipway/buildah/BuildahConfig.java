package dev.slipway.buildah;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How buildah is run. */
@ConfigMapping(prefix = "slipway.buildah")
public interface BuildahConfig {
    /** The data directory; here for the files that sandboxes share. */
    @WithDefault("${slipway.data}/sandbox")
    Path directory();

    /** Which containers/storage driver: AUTO takes overlay where it works, else vfs. */
    @WithDefault("auto")
    Driver storageDriver();

    /** What RUN steps reach of the network. Pulling and pushing always have the host's. */
    @WithDefault("internet")
    Network network();

    /** Networks (10.1.2.0/24, fd12::/64) that RUN steps reach besides public ones where the network is INTERNET. */
    Optional<Set<String>> allowNetworks();

    /** After how long a step without a deadline of its own (login, tag, an unanswered push) is killed. */
    @WithDefault("PT10M")
    Duration stepTimeout();

    /** A storage driver. */
    enum Driver {
        AUTO,
        OVERLAY,
        VFS
    }
}
