package dev.slipway.secret;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** Where the key is that secrets rest under. */
@ConfigMapping(prefix = "slipway.secret")
public interface SecretConfig {
    /** A file with 32 bytes in base64. With the embedded database it is made in the data directory by default. */
    Optional<Path> keyFile();
}
