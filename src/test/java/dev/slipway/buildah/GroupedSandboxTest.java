package dev.slipway.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.TestGroup;
import dev.slipway.process.Command;
import dev.slipway.process.ControlGroup;
import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import dev.slipway.process.ProcessCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sandboxes in real control groups, where the tests run in one that is theirs; elsewhere these hold that there is none, and
 * that a sandbox does without.
 */
class GroupedSandboxTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String DAEMON = "86398." + ProcessHandle.current().pid();
    private static final Limits LIMITS =
            new Limits(100, 200L << 20, OptionalDouble.of(1.5), 1L << 30, 1L << 30, 1L << 20, 1L << 20);

    @TempDir
    Path dir;

    private final Optional<Path> delegated = TestGroup.delegated();
    private final Delegation groups = Delegation.take();

    @BeforeEach
    void write_the_files() throws IOException {
        SandboxFiles.write(dir.resolve("etc"), Set.of());
    }

    @Test
    void a_group_is_used_where_it_is_delegated_and_else_it_is_said_that_none_is() {
        assertThat(groups.isPresent()).isEqualTo(delegated.isPresent());
        assertThat(groups.toString())
                .contains(delegated.map(Path::toString).orElse("no control group is delegated to this service"));
        assertThat(TestGroup.of("self"))
                .as("the service's own leaf")
                .satisfies(path -> assertThat(path.endsWith("/slipway-service")).isEqualTo(delegated.isPresent()));
    }

    @Test
    void all_its_processes_are_in_a_group_that_goes_with_it() throws IOException {
        Optional<Path> group;
        Set<String> inside;
        try (Sandbox sandbox = open(Network.INTERNET)) {
            group = groupOf(sandbox);
            run(sandbox, "setsid sh -c 'setsid sleep " + DAEMON + " & sleep " + DAEMON + " &' >/dev/null 2>&1");
            await().atMost(LONG).until(() -> withArgument(DAEMON).size() == 2);

            inside = inNamespace(sandbox.namespace());
            assertThat(inside).containsAll(withArgument(DAEMON)).hasSizeGreaterThanOrEqualTo(3);
            inside.addAll(withArgument("--no-netns-quit"));
            assertThat(group.isPresent()).isEqualTo(delegated.isPresent());
            if (group.isPresent()) {
                assertThat(inside).isSubsetOf(Files.readAllLines(group.get().resolve("cgroup.procs")));
            } else {
                assertThat(inside)
                        .allSatisfy(process -> assertThat(TestGroup.of(process)).isEqualTo(TestGroup.of("self")));
            }
        }
        group.ifPresent(own -> assertThat(own).doesNotExist());
        assertThat(inside).noneMatch(process -> Files.exists(Path.of("/proc", process, "exe")));
    }

    @Test
    void a_command_that_runs_in_it_is_in_its_group() throws IOException {
        try (Sandbox sandbox = open(Network.NONE)) {
            Path said = dir.resolve("tmp/said");
            run(sandbox, "cat /proc/self/cgroup >/tmp/said");
            assertThat(said).content().satisfies(text -> assertThat(text.contains(
                            "/slipway-sandbox-" + ProcessHandle.current().pid() + "-"))
                    .isEqualTo(delegated.isPresent()));
        }
    }

    @Test
    void what_is_in_its_group_ends_with_it_wherever_it_came_from() throws Exception {
        if (delegated.isEmpty()) {
            assertThat(groups.make(LIMITS.inControlGroup())).isEmpty();
            return;
        }
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        Path group;
        try (Sandbox sandbox = open(Network.NONE)) {
            group = groupOf(sandbox).orElseThrow();
            enter(group, stranger);
            assertThat(sandbox.isOpen()).isTrue();
        }
        assertThat(group).doesNotExist();
        await().atMost(LONG).until(() -> !stranger.isAlive());
    }

    @Test
    void what_a_dead_service_left_ends_and_what_a_living_one_has_stays() throws Exception {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        if (delegated.isEmpty()) {
            assertThat(Delegation.take().isPresent()).isFalse();
            return;
        }
        Path left = Files.createDirectory(delegated.get().resolve("slipway-sandbox-" + dead.pid() + "-1"));
        Process orphan = new ProcessBuilder("sleep", "1000").start();
        try (Sandbox living = open(Network.NONE)) {
            enter(left, orphan);

            Delegation.take();

            assertThat(left).doesNotExist();
            assertThat(orphan.waitFor()).isEqualTo(137);
            assertThat(living.isOpen()).isTrue();
            assertThat(run(living, "true")).isTrue();
        } finally {
            orphan.destroyForcibly();
        }
    }

    @Test
    void a_sandbox_that_could_not_be_made_leaves_no_group() throws IOException {
        List<Path> before = sandboxes();
        try (Sandbox sandbox = open(Network.NONE, Mount.readOnly(dir.resolve("not-there"), "/context"))) {
            assertThat(sandbox).as("a sandbox without its mount").isNull();
        } catch (SandboxException e) {
            assertThat(e).hasMessageContaining("not-there");
        }
        await().atMost(LONG).until(() -> before.containsAll(sandboxes()));
    }

    @Test
    void who_wants_more_processes_than_a_build_may_have_is_refused_them_by_its_group() throws IOException {
        try (Sandbox sandbox = open(Network.NONE)) {
            run(sandbox, "mkfifo /tmp/never; for i in $(seq 200); do read line </tmp/never & done >/dev/null 2>&1");
            assertThat(sandbox.refusal()).isEqualTo(where("pids", ControlGroup.Refusal.PROCESSES));
        }
    }

    @Test
    void who_takes_more_memory_than_a_build_may_have_is_killed_with_all_of_its_group() throws IOException {
        try (Sandbox sandbox = open(Network.NONE)) {
            assertThat(run(sandbox, taking("300M"))).isEqualTo(!groups.has("memory"));
            assertThat(sandbox.refusal()).isEqualTo(where("memory", ControlGroup.Refusal.MEMORY));
            assertThat(run(sandbox, "true")).isEqualTo(!groups.has("memory"));
        }
    }

    @Test
    void who_keeps_within_its_limits_is_refused_nothing() throws IOException {
        try (Sandbox sandbox = open(Network.NONE)) {
            assertThat(run(sandbox, "for i in $(seq 80); do sleep 0.1 & done; wait"))
                    .isTrue();
            assertThat(run(sandbox, taking("100M"))).isTrue();
            assertThat(sandbox.refusal()).isEmpty();
        }
    }

    @Test
    void its_limits_are_those_of_a_build() {
        assertThat(LIMITS.inControlGroup())
                .containsEntry("memory.max", "209715200")
                .containsEntry("memory.swap.max", "0")
                .containsEntry("memory.oom.group", "1")
                .containsEntry("pids.max", "133")
                .containsEntry("cpu.max", "150000 100000");
        assertThat(LIMITS.processors()).hasValue(2);
        Limits all = new Limits(100, 1, OptionalDouble.empty(), 1, 1, 1, 1);
        assertThat(all.inControlGroup()).doesNotContainKey("cpu.max");
    }

    /** What the kernel says where it counts; nobody watches these sandboxes. */
    private Optional<ControlGroup.Refusal> where(String controller, ControlGroup.Refusal refusal) {
        return Optional.of(refusal).filter(said -> groups.has(controller));
    }

    /** A line without an end, which is kept whole to be shown as the last one. */
    private static String taking(String size) {
        return "head -c " + size + " /dev/zero | tail -n 1 | wc -c";
    }

    private Sandbox open(Network network, Mount... mounts) throws IOException {
        Path tmp = Files.createDirectories(dir.resolve("tmp"));
        List<Mount> all = Stream.concat(Stream.of(Mount.writable(tmp, "/tmp")), Stream.of(mounts))
                .toList();
        Sandbox.Layout layout = new Sandbox.Layout(all, network, Set.of(), Optional.of(LIMITS), groups);
        return Sandbox.open(
                new ProcessCommandRunner(), dir.resolve("work"), dir.resolve("etc"), layout, LONG, new Killer());
    }

    private static boolean run(Sandbox sandbox, String script) {
        Command command = Command.of(LONG, List.of("sh", "-c", script)).withEnvironment(Sandbox.environment());
        return sandbox.run(command, OutputSink.DISCARD).succeeded();
    }

    /** Empty where it has none of its own. */
    private Optional<Path> groupOf(Sandbox sandbox) throws IOException {
        String first = inNamespace(sandbox.namespace()).iterator().next();
        Path group = Path.of(TestGroup.of(first)).getFileName();
        return delegated.map(all -> all.resolve(group)).filter(own -> sandboxes()
                .contains(own));
    }

    private List<Path> sandboxes() {
        return delegated
                .map(group -> TestGroup.sandboxes(group, ProcessHandle.current().pid()))
                .orElse(List.of());
    }

    private static void enter(Path group, Process process) throws IOException {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(process.pid()));
    }

    private static Set<String> inNamespace(String namespace) throws IOException {
        Set<String> found = new HashSet<>();
        for (String process : processes()) {
            try {
                Path own = Files.readSymbolicLink(Path.of("/proc", process, "ns/pid"));
                if (own.toString().equals(namespace)) {
                    found.add(process);
                }
            } catch (IOException e) {
                // it ended, or is somebody else's
            }
        }
        return found;
    }

    /** Those that we started, or that ours started. */
    private static Set<String> withArgument(String word) {
        return ProcessHandle.current()
                .descendants()
                .map(process -> Long.toString(process.pid()))
                .filter(process -> arguments(process).contains(word))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static List<String> arguments(String process) {
        try {
            return List.of(
                    Files.readString(Path.of("/proc", process, "cmdline")).split("\0"));
        } catch (IOException e) {
            return List.of(); // it ended
        }
    }

    private static Set<String> processes() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("[0-9]+"))
                    .collect(Collectors.toSet());
        }
    }
}
