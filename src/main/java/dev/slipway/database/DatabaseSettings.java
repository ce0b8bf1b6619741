package dev.slipway.database;

import io.quarkus.runtime.configuration.DurationConverter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * {@link DatabaseConfig} as it is read before the framework runs, when there are no mappings yet: the datasource's URL
 * has to be known by then.
 */
record DatabaseSettings(
        Optional<String> url,
        Optional<String> user,
        Optional<String> password,
        Optional<Path> passwordFile,
        Duration startTimeout)
        implements DatabaseConfig {

    static DatabaseSettings read(Config config) {
        return new DatabaseSettings(
                config.getOptionalValue("slipway.database.url", String.class),
                config.getOptionalValue("slipway.database.user", String.class),
                config.getOptionalValue("slipway.database.password", String.class),
                config.getOptionalValue("slipway.database.password-file", Path.class),
                config.getOptionalValue("slipway.database.start-timeout", String.class)
                        .map(DurationConverter::parseDuration)
                        .orElse(Duration.ofSeconds(30)));
    }
}
