package dev.slipway.database;

import dev.slipway.secret.PrivateFile;
import dev.slipway.secret.Vault;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/** The choice of the database by the configuration, and what the framework is told of it. */
public final class Databases {
    private static final Logger LOG = Logger.getLogger(Databases.class);
    private static final String KEY_FILE = "slipway.secret.key-file";

    private Databases() {}

    /** Starts the embedded database, or looks whether the existing one lets us in. */
    public static Database open(Config config, DataDirectory directory) {
        DatabaseSettings settings = DatabaseSettings.read(config);
        Optional<Path> keyFile = config.getOptionalValue(KEY_FILE, Path.class);
        checkKey(settings, keyFile);
        Database database;
        if (settings.url().isPresent()) {
            database = ExternalPostgres.of(settings);
            ServerCheck.run(database, settings.startTimeout());
        } else {
            refuseHalfConfigured(settings);
            database = EmbeddedPostgres.start(directory.postgres()).supervise();
        }
        LOG.info(database.description());
        return database;
    }

    /** The framework's settings for this database. */
    public static Map<String, String> settings(Database database) {
        return Map.of(
                "quarkus.datasource.jdbc.url", database.jdbcUrl(),
                "quarkus.datasource.reactive.url", database.reactiveUrl(),
                // by itself this driver asks for a known authority, which the other one does not
                "quarkus.datasource.reactive.trust-all", Boolean.toString(database.isEncrypted()),
                "quarkus.datasource.username", database.user(),
                "quarkus.datasource.password", database.password().reveal());
    }

    /** The same, and where the key is: made here where the database is ours and no key is configured. */
    public static Map<String, String> settings(Config config, DataDirectory directory, Database database) {
        Map<String, String> settings = new TreeMap<>(settings(database));
        if (config.getOptionalValue(KEY_FILE, Path.class).isEmpty()) {
            PrivateFile.readOrCreateRandom(directory.key());
            settings.put(KEY_FILE, directory.key().toString());
        }
        return settings;
    }

    /** An existing database outlives this machine, so a key that is made here silently would be lost with it. */
    private static void checkKey(DatabaseConfig settings, Optional<Path> keyFile) {
        if (settings.url().isPresent() && keyFile.isEmpty()) {
            throw new StartupException("tried to use the database that the configuration names but there is no key for"
                    + " the secrets in it: set SLIPWAY_SECRET_KEY_FILE; " + Vault.HOW_TO_MAKE_A_KEY);
        }
        try {
            keyFile.ifPresent(Vault::withKeyIn);
        } catch (UncheckedIOException | IllegalArgumentException e) {
            throw new StartupException(e.getMessage() + " (SLIPWAY_SECRET_KEY_FILE)", e);
        }
    }

    private static void refuseHalfConfigured(DatabaseConfig settings) {
        if (settings.user().isPresent()
                || settings.password().isPresent()
                || settings.passwordFile().isPresent()) {
            throw new StartupException("tried to choose a database but slipway.database.user or its password is set and"
                    + " slipway.database.url is not: set SLIPWAY_DATABASE_URL, or none of them for the embedded one");
        }
    }
}
