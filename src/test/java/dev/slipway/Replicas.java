package dev.slipway;

import dev.slipway.database.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** Two services on one database, one store of sources and one registry, below one directory that is gone afterwards. */
final class Replicas implements AutoCloseable {
    private final TestRegistry registry = new TestRegistry();
    private final Path directory;
    private final EmbeddedPostgres postgres;
    private final ServiceProcess one;
    private final ServiceProcess two;

    /** Two that are ready; {@code more} by the names of the README's table. */
    Replicas(Map<String, String> more) throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"));
        Map<String, String> settings = new TreeMap<>(registry.start());
        settings.put("slipway.source.directory", directory.resolve("sources").toString());
        settings.put("slipway.database.url", postgres.reactiveUrl());
        settings.put("slipway.database.user", postgres.user());
        settings.put(
                "slipway.database.password-file",
                secret("password", postgres.password().reveal()));
        settings.put("slipway.secret.key-file", secret("key", "c2xpcHdheS1zbGlwd2F5LXNsaXB3YXktc2xpcHdheS0="));
        settings.putAll(more);
        one = new ServiceProcess(directory.resolve("one"), settings);
        two = new ServiceProcess(directory.resolve("two"), settings);
        one.start();
        two.start();
        one.awaitReady();
        two.awaitReady();
    }

    ServiceProcess one() {
        return one;
    }

    ServiceProcess two() {
        return two;
    }

    /** The number that a query answers. */
    long number(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        postgres.jdbcUrl(), postgres.user(), postgres.password().reveal());
                ResultSet found = connection.createStatement().executeQuery(sql)) {
            found.next();
            return found.getLong(1);
        }
    }

    /** Fails where a process has still to do with the directory. */
    @Override
    public void close() {
        one.close();
        two.close();
        registry.close();
        postgres.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    private String secret(String name, String content) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file.toString();
    }
}
