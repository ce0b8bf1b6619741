package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service in a control group that is left to it, where the tests are in one; else in one that is not. */
@Timeout(180)
class ControlGroupsIT {
    private final TestRegistry registry = new TestRegistry();
    private final String marker = "slipway-it-" + UUID.randomUUID();
    private final Optional<Path> delegated = TestGroup.delegated();
    private Path directory;
    private Gate gate;
    private ServiceProcess service;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        gate = new Gate();
        Map<String, String> settings = new TreeMap<>(registry.start());
        settings.put("slipway.worker.slots", "1");
        service = new ServiceProcess(directory, settings);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        service.close();
        gate.close();
        registry.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    @Test
    void it_says_at_its_start_what_holds_a_build_and_leaves_no_group_of_one_that_ended() throws IOException {
        service.start().awaitReady();
        String id = TestBuilds.submit(service, "grouped", step());
        gate.awaitArrivals(1);

        List<String> groups = groupsOfStep();
        assertThat(groups).hasSizeGreaterThanOrEqualTo(2);
        if (delegated.isPresent()) {
            assertThat(service.said()).contains("in " + delegated.get()).doesNotContain("control groups: not used");
            assertThat(groups)
                    .allMatch(group -> group.contains("/slipway-sandbox-" + service.pid() + "-"))
                    .containsOnly(groups.getFirst());
        } else {
            assertThat(service.said())
                    .contains("control groups: not used: no control group is delegated to this service"
                            + " (systemd: Delegate=yes)")
                    .contains("processes and threads (held by rlimit", "of memory (watched)");
            assertThat(groups).containsOnly(TestGroup.of("self"));
        }
        gate.open();
        TestBuilds.assertSucceededOnce(service, id, "grouped", 1);
        await().until(this::sandboxes, List::isEmpty);
    }

    /** Frozen supervisors do not notice that their service died. */
    @Test
    void what_a_killed_service_left_in_its_groups_is_gone_with_the_next_start() throws IOException {
        service.start().awaitReady();
        String id = TestBuilds.submit(service, "left", step());
        gate.awaitArrivals(1);
        await().until(() -> groupsOfStep().size() >= 2);
        Traces.ofCommandLine("slipway-supervisor").stream()
                .filter(line -> line.contains(directory + "/"))
                .forEach(line -> ServiceProcess.signal("STOP", line.split(" ")[0]));
        long killed = service.pid();
        service.kill();
        assertThat(groupsOfStep()).isNotEmpty();
        assertThat(sandboxes(killed).isEmpty()).isEqualTo(delegated.isEmpty());

        service.start().awaitReady();
        assertThat(groupsOfStep()).isEmpty();
        assertThat(sandboxes(killed)).isEmpty();
        gate.open();
        TestBuilds.assertSucceededOnce(service, id, "left", 2);
    }

    /** With a daemon that has left the step's session. */
    private String step() {
        return ": " + marker + "; /bin/busybox setsid /bin/busybox sh -c '/bin/busybox sleep 600; : " + marker
                + "' </dev/null >/dev/null 2>&1 & " + gate.pass("step");
    }

    /** In which groups the step's processes are, each with its own. */
    private List<String> groupsOfStep() {
        return Traces.ofCommandLine(marker).stream()
                .map(line -> TestGroup.of(line.split(" ")[0]))
                .toList();
    }

    private List<Path> sandboxes() {
        return sandboxes(service.pid());
    }

    private List<Path> sandboxes(long process) {
        return delegated.map(group -> TestGroup.sandboxes(group, process)).orElse(List.of());
    }
}
