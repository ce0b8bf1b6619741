package dev.slipway;

import dev.slipway.database.Databases;
import dev.slipway.database.EmbeddedPostgres;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** A real PostgreSQL for tests of the whole application, in a directory that is gone afterwards. */
public final class TestDatabase implements QuarkusTestResourceLifecycleManager {
    private Path directory;
    private EmbeddedPostgres postgres;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("slipway-test-database-");
            postgres = EmbeddedPostgres.start(directory.resolve("postgres"));
            Map<String, String> settings = new TreeMap<>(Databases.settings(postgres));
            settings.put("slipway.secret.key-file", key(directory).toString());
            settings.put("slipway.data", directory.resolve("data").toString());
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tests that want it have a field of this type. */
    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(TestDatabase.class));
    }

    /** Stops the server; the service is without a database from then on. */
    public void down() {
        postgres.close();
    }

    @Override
    public void stop() {
        if (postgres != null) {
            postgres.close();
        }
        if (directory != null) {
            TestFiles.delete(directory);
        }
    }

    private static Path key(Path directory) throws IOException {
        return Files.writeString(directory.resolve("key"), "c2xpcHdheS1zbGlwd2F5LXNsaXB3YXktc2xpcHdheS0=");
    }
}
