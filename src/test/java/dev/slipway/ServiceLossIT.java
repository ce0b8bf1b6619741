package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of builds, their processes and the database when the one service they have ends, orderly or not. */
@Timeout(240)
class ServiceLossIT {
    private static final Duration LEASE = Duration.ofSeconds(10);

    private final TestRegistry registry = new TestRegistry();
    private final String marker = "slipway-it-" + UUID.randomUUID();
    private Path directory;
    private Gate gate;
    private ServiceProcess service;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        gate = new Gate();
        Map<String, String> settings = new TreeMap<>(registry.start());
        settings.put("slipway.worker.slots", "1");
        settings.put("slipway.worker.shutdown-grace", "PT1S");
        service = new ServiceProcess(directory, settings);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        service.close();
        gate.close();
        registry.close();
        try {
            Traces.awaitNone(directory);
            assertThat(Traces.ofCommandLine(marker)).isEmpty();
        } finally {
            TestFiles.delete(directory);
        }
    }

    @Test
    void a_restart_hands_the_running_build_back_and_all_of_them_end_once() throws Exception {
        service.start().awaitReady();
        String running = TestBuilds.submit(service, "running", gate.pass("running"));
        List<String> queued = List.of(
                TestBuilds.submit(service, "second", gate.pass("second")),
                TestBuilds.submit(service, "third", gate.pass("third")));
        gate.awaitArrivals(1);
        try (HttpClient client = HttpClient.newHttpClient()) {
            CompletableFuture<?> follower = client.sendAsync(
                    HttpRequest.newBuilder(
                                    URI.create(service.url() + "/api/v1/builds/" + running + "/logs?follow=true"))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(service.terminate()).isEqualTo(143);
            await().atMost(ServiceProcess.STOP).until(follower::isDone);
        }
        Traces.awaitNone(directory);
        assertThat(service.said())
                .contains("goes back to the queue: the service shuts down")
                .doesNotContain(" ERROR ");
        gate.open();

        // it crashed not at all: else this would be its end
        service.set("slipway.build.max-crashes", "1").start().awaitReady();
        TestBuilds.assertSucceededOnce(service, running, "running", 2);
        TestBuilds.assertSucceededOnce(service, queued.get(0), "second", 1);
        TestBuilds.assertSucceededOnce(service, queued.get(1), "third", 1);
        assertThat(gate.arrived()).containsExactly("running", "running", "second", "third");
    }

    /** A terminal sends it to all of the foreground; the build must not take it for its own end. */
    @Test
    void a_ctrl_c_is_for_the_service_and_its_build_goes_back_without_a_crash() throws Exception {
        service.start().awaitReady();
        String id = TestBuilds.submit(service, "interrupted", gate.pass("interrupted"));
        gate.awaitArrivals(1);

        service.signalGroup("INT");
        service.awaitExit(ServiceProcess.STOP);
        Traces.awaitNone(directory);
        assertThat(service.said()).contains("goes back to the queue: the service shuts down");

        gate.open();
        service.set("slipway.build.max-crashes", "1").start().awaitReady();
        TestBuilds.assertSucceededOnce(service, id, "interrupted", 2);
    }

    @Test
    void kill_9_ends_the_builds_processes_and_the_next_start_runs_it_again() throws Exception {
        service.start().awaitReady();
        String id = TestBuilds.submit(service, "killed", withDaemon(gate.pass("killed")));
        gate.awaitArrivals(1);
        await().until(() -> Traces.ofCommandLine(marker).size() >= 2);
        assertThat(Traces.ofMounts(directory)).isNotEmpty();

        service.kill();
        await().atMost(LEASE).until(() -> Traces.ofCommandLine(marker), List::isEmpty);
        await().atMost(LEASE).until(() -> Traces.ofMounts(directory), List::isEmpty);
        // the embedded database too
        Traces.awaitNone(directory);

        gate.open();
        service.start().awaitReady();
        TestBuilds.assertSucceededOnce(service, id, "killed", 2);
        await().until(() -> entries(service.data().resolve("work")), List::isEmpty);
        assertThat(Traces.ofCommandLine(marker)).isEmpty();
    }

    /** A supervisor that cannot run cannot notice that its service died. */
    @Test
    void what_outlived_a_killed_service_is_gone_with_the_next_start() throws Exception {
        service.start().awaitReady();
        String id = TestBuilds.submit(service, "stray", withDaemon(gate.pass("stray")));
        gate.awaitArrivals(1);
        await().until(() -> Traces.ofCommandLine(marker).size() >= 2);
        List<String> supervisors = supervisors();
        assertThat(supervisors).isNotEmpty();
        for (String supervisor : supervisors) {
            ServiceProcess.signal("STOP", supervisor);
        }
        service.kill();
        assertThat(Traces.ofMounts(directory)).isNotEmpty();
        assertThat(Traces.ofCommandLine(marker)).isNotEmpty();
        Path slot = service.data().resolve("slots/0");
        Files.createDirectories(slot.resolve("discarded-by-nobody/storage"));
        Path abandoned = Files.createDirectories(service.data().resolve("slots/3/storage"));
        Path probe = Files.createDirectories(service.data().resolve("sandbox/probe-1/work"));
        assertThat(entries(service.data().resolve("work"))).isNotEmpty();
        spoil(slot);

        service.set("slipway.worker.housekeeping-interval", "PT1S").start().awaitReady();
        assertThat(service.said()).contains("ending sandboxes of an earlier run");
        gate.open();
        TestBuilds.assertSucceededOnce(service, id, "stray", 2);

        assertThat(service.said()).contains("does not stand the check and is emptied");
        assertThat(Traces.ofCommandLine(marker)).isEmpty();
        await().until(() -> Traces.ofMounts(directory), List::isEmpty);
        await().until(() -> entries(service.data().resolve("work")), List::isEmpty);
        await().until(() -> !Files.exists(abandoned) && !Files.exists(slot.resolve("discarded-by-nobody")));
        assertThat(probe).doesNotExist();
    }

    private List<String> supervisors() {
        return Traces.ofCommandLine("slipway-supervisor").stream()
                .filter(line -> line.contains(directory + "/"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
    }

    private static void spoil(Path slot) throws IOException {
        for (Path store : entries(slot.resolve("storage"))) {
            if (store.getFileName().toString().endsWith("-layers")) {
                Files.writeString(store.resolve("layers.json"), "{");
            }
        }
    }

    @Test
    void a_database_of_ours_that_is_killed_is_started_again_and_the_build_goes_on() throws Exception {
        service.start().awaitReady();
        String id = TestBuilds.submit(service, "bereft", gate.pass("bereft"));
        gate.awaitArrivals(1);

        List<String> servers = Traces.ofCommandLine("postgres -D " + service.data());
        assertThat(servers).isNotEmpty();
        servers.forEach(server -> ServiceProcess.signal("KILL", server.split(" ")[0]));

        await().atMost(ServiceProcess.START).until(() -> service.said().contains("PostgreSQL runs again"));
        gate.open();
        JsonPath build = TestBuilds.awaitEnd(service, id);
        assertThat(build.getString("status")).as(build.prettify()).isEqualTo("SUCCEEDED");
        assertThat(service.said()).containsOnlyOnce("build " + id + " is SUCCEEDED");
    }

    @Test
    void a_build_whose_service_dies_three_times_is_given_up() throws Exception {
        service.set("slipway.build.lease", "PT3S").start().awaitReady();
        String id = TestBuilds.submit(service, "deadly", gate.pass("deadly"));
        for (int death = 1; death <= 3; death++) {
            gate.awaitArrivals(death);
            service.kill();
            service.start().awaitReady();
        }
        JsonPath build = TestBuilds.awaitEnd(service, id);
        assertThat(build.getString("status")).isEqualTo("FAILED");
        assertThat(build.getString("error.type")).isEqualTo("/problems/worker-crashed");
        assertThat(build.getString("error.step")).isEqualTo("BUILD");
        assertThat(build.getInt("attempt")).isEqualTo(3);
        assertThat(build.<String>getList("steps.status")).doesNotContain("running");
        assertThat(gate.arrived()).hasSize(3);
    }

    /** The marker stands in the command lines of the step and of a process that has left the step's session. */
    private String withDaemon(String shell) {
        return ": " + marker + "; /bin/busybox setsid /bin/busybox sh -c '/bin/busybox sleep 600; : " + marker
                + "' </dev/null >/dev/null 2>&1 & " + shell;
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
