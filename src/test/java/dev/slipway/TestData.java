package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the service keeps, looked at behind its back: rows and files. */
@ApplicationScoped
public class TestData {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Pool pool;
    private final Path directory;

    TestData(Pool pool, @ConfigProperty(name = "slipway.data") Path directory) {
        this.pool = pool;
        this.directory = directory;
    }

    /** The data directory. */
    public Path directory() {
        return directory;
    }

    /** The row of a query that has one. */
    public Row row(String sql, Object... parameters) {
        return pool.preparedQuery(sql)
                .execute(Tuple.from(parameters))
                .await()
                .atMost(SOON)
                .iterator()
                .next();
    }

    /** Changes rows. */
    public void run(String sql, Object... parameters) {
        pool.preparedQuery(sql).execute(Tuple.from(parameters)).await().atMost(SOON);
    }

    /** How many builds there are. */
    public long builds() {
        return row("select count(*) from build").getLong(0);
    }

    /** The directories of sources, those that are arriving included. */
    public Set<String> sources() throws IOException {
        Set<String> found = new TreeSet<>(names(directory.resolve("sources")));
        found.removeAll(Set.of(".incoming", ".database"));
        names(directory.resolve("sources/.incoming")).forEach(name -> found.add(".incoming/" + name));
        return found;
    }

    /** Where a build's source is. */
    public Path source(String build) {
        return directory.resolve("sources").resolve(build);
    }

    /** The files, the database's among them, that hold a text; those of sub-uids are read too. */
    public String filesWith(String text) throws IOException {
        List<String> argv = List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "--map-auto",
                "--",
                "grep",
                "-rlF",
                "-D",
                "skip",
                "-s",
                "--",
                text,
                directory.getParent().toString());
        Process grep = new ProcessBuilder(argv).start();
        String found = new String(grep.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        // 2: a file went away meanwhile; more would be unshare's
        assertThat(grep.onExit().join().exitValue()).isBetween(0, 2);
        return found;
    }

    /** Waits until no attempt's directory is left. */
    public void awaitEmptyWork() {
        await().atMost(SOON).untilAsserted(() -> assertThat(names(directory.resolve("work")))
                .isEmpty());
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toList());
        }
    }
}
