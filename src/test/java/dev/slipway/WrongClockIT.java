package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two replicas whose clocks are wrong by an hour, each in its way: who holds a lease is the database's to say. */
@Timeout(240)
class WrongClockIT {
    private static final int BUILDS = 6;

    private Gate gate;
    private Replicas replicas;

    @BeforeEach
    void prepare() throws IOException {
        gate = new Gate();
        replicas = new Replicas(2, Map.of("slipway.worker.slots", "1", "slipway.build.lease", "PT5S"));
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        gate.close();
        replicas.close();
    }

    @Test
    void builds_run_once_and_those_of_a_dead_replica_again_whosever_clock_is_wrong() throws Exception {
        ServiceProcess early = replicas.get(0);
        ServiceProcess late = replicas.get(1);
        replicas.all().forEach(ServiceProcess::terminate);
        start(early, "-1h");
        start(late, "+1h");
        replicas.all().forEach(ServiceProcess::awaitReady);
        assertThat(Duration.between(lastLine(early), lastLine(late))).isGreaterThan(Duration.ofMinutes(110));

        List<String> ids = new ArrayList<>();
        for (int i = 0; i < BUILDS; i++) {
            ids.add(TestBuilds.submit(i % 2 == 0 ? early : late, name(i), gate.pass(name(i))));
        }
        gate.awaitArrivals(2);
        assertThat(List.of(early, late)).allMatch(replica -> isBuilding(replica));
        // for longer than a lease: each has to see that the other's is alive
        await().pollDelay(Duration.ofSeconds(7)).until(() -> true);
        assertThat(gate.arrived()).hasSize(2);
        gate.open();
        for (int i = 0; i < BUILDS; i++) {
            TestBuilds.assertSucceededOnce(i % 2 == 0 ? late : early, ids.get(i), name(i), 1);
        }

        for (ServiceProcess dying : List.of(early, late)) {
            ServiceProcess living = dying == early ? late : early;
            gate.shut();
            int before = gate.arrived().size();
            String name = dying == early ? "early" : "late";
            // one for each slot
            List<String> both = List.of(
                    TestBuilds.submit(living, name + "-1", gate.pass(name + "-1")),
                    TestBuilds.submit(living, name + "-2", gate.pass(name + "-2")));
            gate.awaitArrivals(before + 2);
            dying.kill();
            gate.open();
            for (String id : both) {
                assertThat(TestBuilds.awaitEnd(living, id).getString("status")).isEqualTo("SUCCEEDED");
            }
            assertThat(replicas.number("select sum(attempt) from build where id in ('" + both.get(0) + "', '"
                            + both.get(1) + "')"))
                    .isEqualTo(3);
            dying.start().awaitReady();
        }
    }

    private static void start(ServiceProcess service, String offset) throws IOException {
        service.launchedBy(
                        "setsid",
                        "env",
                        "--default-signal",
                        "LD_PRELOAD=" + library(),
                        "FAKETIME=" + offset,
                        "FAKETIME_DONT_FAKE_MONOTONIC=1",
                        // else each of the JVM's timed waits ends at once
                        "FAKETIME_FORCE_MONOTONIC_FIX=0")
                .start();
    }

    private static String name(int i) {
        return "clock-" + i;
    }

    private static boolean isBuilding(ServiceProcess replica) {
        return !Traces.ofMounts(replica.data()).isEmpty();
    }

    /** By the clock of who wrote it. */
    private static LocalDateTime lastLine(ServiceProcess service) {
        String line = service.said()
                .lines()
                .filter(each -> each.matches("\\d{4}-\\d\\d-\\d\\d .*"))
                .reduce("", (first, second) -> second);
        return LocalDateTime.parse(line.substring(0, 19).replace(' ', 'T'));
    }

    private static String library() throws IOException {
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(Path.of("/usr/lib"), path -> Files.exists(in(path)))) {
            return in(found.iterator().next()).toString();
        }
    }

    private static Path in(Path libraries) {
        return libraries.resolve("faketime/libfaketimeMT.so.1");
    }
}
