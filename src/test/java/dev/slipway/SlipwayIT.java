package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged service as a process: how it starts, refuses and ends. */
@Timeout(180)
class SlipwayIT {
    private Path directory;
    private ServiceProcess service;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        service = new ServiceProcess(directory, Map.of());
    }

    @AfterEach
    void nothing_is_left() {
        service.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    @Test
    void it_migrates_its_own_database_and_stops_it_after_the_application() {
        service.start().awaitReady();
        service.terminate();
        assertThat(servers()).isEmpty();
        assertThat(service.said()).contains("now at version v").contains("slipway stopped");
        service.start().awaitReady();
        assertThat(service.said()).contains("No migration necessary");
    }

    @Test
    void ctrl_c_reaches_all_of_the_terminals_processes_and_still_ends_in_order() {
        service.start().awaitReady();
        service.signalGroup("INT");
        assertThat(service.awaitExit(ServiceProcess.STOP)).isEqualTo(130);
        assertThat(servers()).isEmpty();
        assertThat(service.said())
                .contains("slipway stopped")
                .doesNotContain("ended by itself")
                .doesNotContain("ERROR");
    }

    @Test
    void after_kill_9_the_next_start_works_at_once() {
        service.start().awaitReady();
        service.kill();
        service.start().awaitReady();
    }

    @Test
    void a_second_service_on_the_same_data_is_refused() {
        service.start().awaitReady();
        try (ServiceProcess second = new ServiceProcess(
                directory.resolve("second"),
                Map.of("slipway.data", service.data().toString()))) {
            assertRefused(second, "another Slipway (pid " + service.pid() + ")");
        }
    }

    @Test
    void it_does_not_listen_beyond_loopback_without_being_told_to() {
        assertRefused(service.set("slipway.http.host", "0.0.0.0"), "slipway.http.allow-unauthenticated");
    }

    @Test
    void a_taken_port_is_one_message_and_the_database_is_stopped() throws IOException {
        try (ServerSocket other = new ServerSocket(service.port(), 1, InetAddress.getLoopbackAddress())) {
            assertRefused(service, "tried to listen on 127.0.0.1:" + other.getLocalPort());
        }
        assertThat(servers()).isEmpty();
    }

    @Test
    void the_package_holds_the_whole_description_and_its_page() {
        service.start().awaitReady();
        TestClient client = new TestClient(URI.create("http://127.0.0.1:" + service.port()));
        JsonObject description = client.get("/openapi.json").json(200);

        assertThat(description.getJsonArray("tags").stream().map(tag -> ((JsonObject) tag).getString("name")))
                .containsExactly(
                        "Builds",
                        "Upload and wait",
                        "Build and push",
                        "Jobs",
                        "Dockerfile builds",
                        "Tasks",
                        "The service");
        assertThat(description.getJsonObject("paths").fieldNames())
                .contains(
                        "/api/v1/builds",
                        "/build",
                        "/build-push",
                        "/api/v1/build",
                        "/api/dockerfile-build",
                        "/status/{task_id}",
                        "/problems/{code}");
        assertThat(client.get("/docs/").body()).contains("<title>Slipway</title>");
        assertThat(client.get("/docs/swagger-ui-bundle.js").status()).isEqualTo(200);
    }

    private static void assertRefused(ServiceProcess service, String why) {
        assertThat(service.start().awaitExit(ServiceProcess.START)).isEqualTo(1);
        assertThat(service.said()).contains("Slipway: tried to").contains(why).doesNotContain("\tat ");
    }

    private List<String> servers() {
        return Traces.of(service.data().resolve("postgres/data"));
    }
}
