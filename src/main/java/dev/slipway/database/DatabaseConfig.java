package dev.slipway.database;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Which PostgreSQL: an existing one where a URL is given, else the embedded one. */
@ConfigMapping(prefix = "slipway.database")
public interface DatabaseConfig {
    /** {@code postgresql://user@host:5432/database} or {@code jdbc:postgresql://…}, never with a password in it. */
    Optional<String> url();

    /** Who we are there, unless the URL says so. */
    Optional<String> user();

    /** The password; better in a file. */
    Optional<String> password();

    /** A file with the password. */
    Optional<Path> passwordFile();

    /** How long we wait at start-up for a server that is not there yet. */
    @WithDefault("PT30S")
    Duration startTimeout();
}
