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
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Services on one database, one store of sources and one registry, below one directory that is gone afterwards. */
final class Replicas implements AutoCloseable {
    private final TestRegistry registry = new TestRegistry();
    private final Path directory;
    private final List<ServiceProcess> services;
    private EmbeddedPostgres postgres;

    /** So many that are ready; {@code more} by the names of the README's table. */
    Replicas(int count, Map<String, String> more) throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        startDatabase();
        Map<String, String> settings = new TreeMap<>(registry.start());
        settings.put("slipway.source.directory", sources().toString());
        settings.put("slipway.database.url", postgres.reactiveUrl());
        settings.put("slipway.database.user", postgres.user());
        settings.put(
                "slipway.database.password-file",
                secret("password", postgres.password().reveal()));
        settings.put("slipway.secret.key-file", secret("key", "c2xpcHdheS1zbGlwd2F5LXNsaXB3YXktc2xpcHdheS0="));
        settings.putAll(more);
        services = IntStream.rangeClosed(1, count)
                .mapToObj(i -> new ServiceProcess(directory.resolve("replica-" + i), settings))
                .toList();
        services.forEach(ServiceProcess::start);
        services.forEach(ServiceProcess::awaitReady);
    }

    /** One of them, counted from 0. */
    ServiceProcess get(int index) {
        return services.get(index);
    }

    /** All of them. */
    List<ServiceProcess> all() {
        return services;
    }

    /** What all of them have printed. */
    String said() {
        return services.stream().map(ServiceProcess::said).collect(Collectors.joining());
    }

    TestRegistry registry() {
        return registry;
    }

    /** Where everything is but what the registry has. */
    Path directory() {
        return directory;
    }

    /** The sources that they share. */
    Path sources() {
        return directory.resolve("sources");
    }

    /** A connection to their database, as the user that they are there. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.user(), postgres.password().reveal());
    }

    /** The first column of what the last of some statements answers; they share a session. */
    List<String> ask(String... statements) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                found.clear();
                if (statement.execute(sql)) {
                    ResultSet rows = statement.getResultSet();
                    while (rows.next()) {
                        found.add(rows.getString(1));
                    }
                }
            }
        }
        return found;
    }

    /** The number that a query answers. */
    long number(String sql) throws SQLException {
        return Long.parseLong(ask(sql).getFirst());
    }

    /** Starts the database where {@link #stopDatabase} has left it. */
    void startDatabase() {
        postgres = EmbeddedPostgres.start(directory.resolve("postgres"));
    }

    /** Ends the database's server; what it has stays. */
    void stopDatabase() {
        postgres.close();
    }

    /** Fails where a process has still to do with the directory. */
    @Override
    public void close() {
        services.forEach(ServiceProcess::close);
        registry.close();
        stopDatabase();
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
