package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service as a process: how it starts, refuses and ends. */
@Timeout(180)
class SlipwayIT {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(30);

    @TempDir
    Path temporary;

    private Path data;
    private Path output;
    private int port;
    private Process service;

    @BeforeEach
    void prepare() throws IOException {
        data = temporary.resolve("data");
        output = temporary.resolve("output");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void end() {
        service.destroyForcibly();
        await().atMost(STOP).until(() -> servers().isEmpty());
    }

    @Test
    void it_migrates_its_own_database_and_stops_it_after_the_application() throws Exception {
        startAndAwait();
        service.destroy();
        assertThat(service.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(servers()).isEmpty();
        assertThat(said()).contains("now at version v2").contains("slipway stopped");
        startAndAwait();
        assertThat(said()).contains("No migration necessary");
    }

    @Test
    void ctrl_c_reaches_all_of_the_terminals_processes_and_still_ends_in_order() throws Exception {
        startAndAwait();
        String group = "-" + service.pid();
        assertThat(new ProcessBuilder("kill", "-INT", "--", group).start().waitFor())
                .isZero();
        assertThat(service.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(service.exitValue()).isEqualTo(130);
        assertThat(servers()).isEmpty();
        assertThat(said())
                .contains("slipway stopped")
                .doesNotContain("ended by itself")
                .doesNotContain("ERROR");
    }

    @Test
    void after_kill_9_the_database_ends_and_the_next_start_works() throws Exception {
        startAndAwait();
        service.destroyForcibly();
        startAndAwait();
    }

    @Test
    void a_second_service_on_the_same_data_is_refused() throws Exception {
        startAndAwait();
        Process first = service;
        try {
            output = temporary.resolve("second");
            assertRefused(Map.of(), "another Slipway (pid " + first.pid() + ")");
        } finally {
            first.destroyForcibly();
        }
    }

    @Test
    void it_does_not_listen_beyond_loopback_without_being_told_to() throws Exception {
        assertRefused(Map.of("SLIPWAY_HTTP_HOST", "0.0.0.0"), "slipway.http.allow-unauthenticated");
    }

    @Test
    void a_taken_port_is_one_message_and_the_database_is_stopped() throws Exception {
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertRefused(Map.of(), "tried to listen on 127.0.0.1:" + other.getLocalPort());
        }
        assertThat(servers()).isEmpty();
    }

    private void assertRefused(Map<String, String> settings, String why) throws Exception {
        start(settings);
        assertThat(service.waitFor(START.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(service.exitValue()).isEqualTo(1);
        assertThat(said()).contains("Slipway: tried to").contains(why).doesNotContain("\tat ");
    }

    private void startAndAwait() throws IOException {
        start(Map.of());
        await().atMost(START)
                .ignoreExceptions()
                .until(() -> given().port(port).get("/q/health").statusCode() == 200);
    }

    /** In a session of its own, as a terminal would have it, so that its group can be signalled. */
    private void start(Map<String, String> settings) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        ProcessBuilder builder = new ProcessBuilder("setsid", java, "-jar", System.getProperty("slipway.jar"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = new TreeMap<>(settings);
        environment.putIfAbsent("SLIPWAY_DATA", data.toString());
        environment.putIfAbsent("SLIPWAY_HTTP_PORT", Integer.toString(port));
        environment.put("PATH", "/usr/bin:/bin");
        builder.environment().clear();
        builder.environment().putAll(environment);
        service = builder.start();
    }

    private String said() throws IOException {
        return Files.readString(output);
    }

    private List<Long> servers() {
        Path directory = data.resolve("postgres/data");
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> worksIn(process, directory))
                    .map(ProcessHandle::pid)
                    .toList();
        }
    }

    private static boolean worksIn(ProcessHandle process, Path directory) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/cwd"))
                    .equals(directory);
        } catch (IOException e) {
            return false;
        }
    }
}
