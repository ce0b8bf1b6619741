package dev.slipway.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;

@Timeout(120)
class EmbeddedPostgresTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    static Path shared;

    @TempDir
    Path temporary;

    private Path directory;

    @BeforeAll
    static void unpackOnce() {
        PostgresBinaries.in(shared);
    }

    @BeforeEach
    void borrowPrograms() throws IOException {
        directory = Files.createDirectory(temporary.resolve("postgres"));
        String bin = "bin-" + PostgresBinaries.VERSION;
        Files.createSymbolicLink(directory.resolve(bin), shared.resolve(bin));
    }

    @Test
    void it_is_durable_private_and_asks_for_the_password() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes", "data_checksums")) {
                assertThat(query(postgres, "show " + setting)).as(setting).isEqualTo("on");
            }
            assertThat(query(postgres, "show server_encoding")).isEqualTo("UTF8");
            assertThat(query(postgres, "select lower('ÄÖ')")).isEqualTo("äö");
            assertThat(query(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(permissions(directory)).isEqualTo("rwx------");
            assertThat(permissions(directory.resolve("password"))).isEqualTo("rw-------");
            assertThatThrownBy(() -> connect(postgres.jdbcUrl(), "guess").close())
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void a_second_start_finds_the_rows_on_the_same_port() throws Exception {
        int port;
        try (EmbeddedPostgres first = EmbeddedPostgres.start(directory)) {
            port = first.port();
            execute(first, "create table t (v text)", "insert into t values ('kept')");
        }
        assertThat(serversIn(directory)).isEmpty();
        try (EmbeddedPostgres second = EmbeddedPostgres.start(directory)) {
            assertThat(query(second, "select v from t")).isEqualTo("kept");
            assertThat(second.port()).isEqualTo(port);
        }
    }

    @Test
    void another_port_is_taken_where_somebody_sits_on_ours() throws Exception {
        int port;
        try (EmbeddedPostgres first = EmbeddedPostgres.start(directory)) {
            port = first.port();
        }
        try (ServerSocket other = new ServerSocket(port);
                EmbeddedPostgres second = EmbeddedPostgres.start(directory)) {
            assertThat(second.port()).isNotEqualTo(other.getLocalPort());
            assertThat(query(second, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void a_killed_server_is_started_again_with_all_committed_rows() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory).supervise()) {
            execute(postgres, "create table t (v text)", "insert into t values ('committed')");
            long first = postmaster(directory);
            assertThat(ProcessHandle.of(first).orElseThrow().destroyForcibly()).isTrue();
            await().atMost(SOON).ignoreExceptions().until(() -> postmaster(directory) != first && isUp(postgres));
            assertThat(query(postgres, "select v from t")).isEqualTo("committed");
        }
        assertThat(serversIn(directory)).isEmpty();
    }

    @Test
    void without_supervision_the_death_of_the_server_shows_and_the_next_start_recovers() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            execute(postgres, "create table t (v text)", "insert into t values ('committed')");
            ProcessHandle.of(postmaster(directory)).orElseThrow().destroyForcibly();
            await().atMost(SOON).until(() -> !postgres.isAlive());
        }
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThat(query(postgres, "select v from t")).isEqualTo("committed");
        }
    }

    @Test
    void the_server_ends_when_its_holder_is_killed_and_the_next_start_works() throws Exception {
        Process holder = hold(directory);
        assertThat(serversIn(directory)).isNotEmpty();
        holder.destroyForcibly();
        await().atMost(SOON).until(() -> serversIn(directory).isEmpty());
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThat(query(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void a_start_right_after_the_kill_waits_for_the_old_server() throws Exception {
        Process holder = hold(directory);
        holder.destroyForcibly().waitFor();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThat(query(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void a_server_whose_wrapper_was_killed_too_is_stopped_by_the_next_start() throws Exception {
        Process holder = hold(directory);
        long orphan = postmaster(directory);
        ProcessHandle wrapper =
                ProcessHandle.of(orphan).flatMap(ProcessHandle::parent).orElseThrow();
        List<ProcessHandle> lifeLine =
                wrapper.descendants().filter(process -> isCat(process)).toList();
        wrapper.children().filter(child -> child.pid() != orphan).forEach(ProcessHandle::destroyForcibly);
        lifeLine.forEach(ProcessHandle::destroyForcibly);
        wrapper.destroyForcibly();
        holder.destroyForcibly().waitFor();
        assertThat(ProcessHandle.of(orphan).map(ProcessHandle::isAlive)).contains(true);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThat(query(postgres, "select 1")).isEqualTo("1");
            assertThat(postmaster(directory)).isNotEqualTo(orphan);
        }
    }

    @Test
    void a_stale_pid_file_with_a_strangers_number_is_no_obstacle() throws Exception {
        EmbeddedPostgres.start(directory).close();
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(
                    directory.resolve("data/postmaster.pid"),
                    stranger.pid() + "\n" + directory.resolve("data") + "\n1\n1\n\n127.0.0.1\n0 0\nready\n");
            try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
                assertThat(query(postgres, "select 1")).isEqualTo("1");
            }
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void two_never_run_in_one_directory() {
        try (EmbeddedPostgres first = EmbeddedPostgres.start(directory)) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(directory))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining(
                            "another process (pid " + ProcessHandle.current().pid() + ")");
            assertThat(first.isAlive()).isTrue();
        }
    }

    @Test
    void what_a_crash_left_of_the_first_start_is_removed() throws Exception {
        Files.createDirectories(directory.resolve("data-new-1/base"));
        Files.writeString(directory.resolve("data-new-1/base/1"), "half");
        Files.createDirectories(directory.resolve("bin-new-1"));
        EmbeddedPostgres.start(directory).close();
        assertThat(directory.resolve("data-new-1")).doesNotExist();
        assertThat(directory.resolve("bin-new-1")).doesNotExist();
    }

    @Test
    void data_of_another_major_version_is_refused() throws Exception {
        EmbeddedPostgres.start(directory).close();
        Files.writeString(directory.resolve("data/PG_VERSION"), "16\n");
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory)).hasMessageContaining("PostgreSQL 16 wrote it");
    }

    @Test
    void a_lost_password_is_named() throws Exception {
        EmbeddedPostgres.start(directory).close();
        Files.delete(directory.resolve("password"));
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory)).hasMessageContaining("its password is gone");
    }

    @Test
    void a_server_that_cannot_start_says_why() throws Exception {
        EmbeddedPostgres.start(directory).close();
        Files.writeString(directory.resolve("data/postgresql.conf"), "no_such_setting = 1\n");
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory)).hasMessageContaining("no_such_setting");
        Files.writeString(directory.resolve("data/postgresql.conf"), "");
        EmbeddedPostgres.start(directory).close();
    }

    @Test
    void the_programs_are_of_the_version_in_the_class_path() {
        String url =
                PostgresBinaries.class.getResource("/postgres-linux-x86_64.txz").toString();
        assertThat(url).contains("-" + PostgresBinaries.VERSION + ".jar");
    }

    private static Process hold(Path directory) throws IOException {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PostgresHolder.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = holder.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        while (line != null && !line.startsWith("ready")) {
            line = output.readLine();
        }
        assertThat(line).as("the holder's word that it is ready").isNotNull();
        return holder;
    }

    private static boolean isCat(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/cat");
    }

    private static long postmaster(Path directory) throws IOException {
        return Long.parseLong(Files.readAllLines(directory.resolve("data/postmaster.pid"))
                .getFirst()
                .strip());
    }

    private static List<Long> serversIn(Path directory) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> worksIn(process, directory.resolve("data")))
                    .map(ProcessHandle::pid)
                    .toList();
        }
    }

    private static boolean worksIn(ProcessHandle process, Path data) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"))
                    .equals(data);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isUp(EmbeddedPostgres postgres) throws SQLException {
        return query(postgres, "select 1").equals("1");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void execute(EmbeddedPostgres postgres, String... statements) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return connect(postgres.jdbcUrl(), postgres.password().reveal());
    }

    private static Connection connect(String url, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", PostgresCluster.NAME);
        properties.setProperty("password", password);
        return new Driver().connect(url, properties);
    }
}
