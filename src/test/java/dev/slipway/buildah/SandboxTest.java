package dev.slipway.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.slipway.process.Command;
import dev.slipway.process.CommandResult;
import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import dev.slipway.process.ProcessCommandRunner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real namespaces: these tests need a user with a sub-uid range. */
class SandboxTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path dir;

    private final Killer killer = new Killer();

    @BeforeEach
    void write_the_files() throws IOException {
        SandboxFiles.write(dir.resolve("etc"), Set.of());
    }

    private Sandbox open(Duration silence, Mount... mounts) {
        return open(Network.HOST, silence, mounts);
    }

    private Sandbox open(Network network, Duration silence, Mount... mounts) {
        Path tmp = dir.resolve("tmp");
        tmp.toFile().mkdirs();
        List<Mount> all = Stream.concat(Stream.of(Mount.writable(tmp, "/tmp")), Stream.of(mounts))
                .toList();
        return Sandbox.open(
                new ProcessCommandRunner(),
                dir.resolve("work"),
                dir.resolve("etc"),
                new Sandbox.Layout(all, network, Set.of(), Optional.empty(), Delegation.none("not asked for")),
                silence,
                killer);
    }

    private record Said(CommandResult result, String text) {}

    private static Said sh(Sandbox sandbox, String script) {
        return sh(sandbox, script, LONG);
    }

    private static Said sh(Sandbox sandbox, String script, Duration deadline) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        OutputSink sink = (stream, buffer, length) -> {
            synchronized (bytes) {
                bytes.write(buffer, 0, length);
            }
        };
        Command command = Command.of(deadline, List.of("sh", "-c", script)).withEnvironment(Sandbox.environment());
        CommandResult result = sandbox.run(command, sink);
        return new Said(result, bytes.toString(StandardCharsets.UTF_8).strip());
    }

    /** Processes on the whole machine whose command line holds the marker. */
    private static long running(String marker) {
        return ProcessHandle.allProcesses()
                .filter(p -> cmdline(p.pid()).contains(marker))
                .count();
    }

    private static String cmdline(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"))
                    .replace('\0', ' ');
        } catch (IOException | java.io.UncheckedIOException e) {
            return "";
        }
    }

    private static long mounts() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.count();
        }
    }

    @Test
    void it_sees_its_own_processes_and_a_minimal_root_only() {
        try (Sandbox sandbox = open(LONG)) {
            assertThat(sh(sandbox, "id -u").text()).isEqualTo("0");
            assertThat(sh(sandbox, "ls /proc | grep -c '^[0-9]'").text()).matches("[1-6]");
            assertThat(sh(sandbox, "ls /").text().split("\\s+"))
                    .contains("usr", "slot", "context")
                    .doesNotContain("home", "work", "old", "opt", "srv");
            assertThat(sh(sandbox, "ls /etc").text()).doesNotContain("shadow", "subuid");
            assertThat(sh(sandbox, "touch /usr/x /x 2>&1").result().succeeded()).isFalse();
            assertThat(sh(sandbox, "env").text()).doesNotContain("JAVA", "USER=");
        }
    }

    @Test
    void what_can_lie_in_memory_that_belongs_to_no_process_is_little_where_the_kernel_lets_us() {
        try (Sandbox sandbox = open(LONG)) {
            String limit = sh(sandbox, "f=/proc/sys/kernel/shmall; [ ! -w $f ] || cat $f")
                    .text();
            assertThat(limit).isIn("16384", "");
        }
    }

    @Test
    void a_read_only_mount_cannot_be_written() throws IOException {
        Path context = Files.createDirectory(dir.resolve("a context"));
        Files.writeString(context.resolve("file"), "hello");
        try (Sandbox sandbox = open(LONG, Mount.readOnly(context, "/context"))) {
            assertThat(sh(sandbox, "cat /context/file").text()).isEqualTo("hello");
            assertThat(sh(sandbox, "echo x >/context/file").result().succeeded())
                    .isFalse();
        }
    }

    @Test
    void exit_codes_and_stdin_pass_through() {
        try (Sandbox sandbox = open(LONG)) {
            assertThat(sh(sandbox, "exit 7").result()).isEqualTo(new CommandResult.Exited(7));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Command cat = Command.of(LONG, List.of("cat")).withStdin("secret".getBytes(StandardCharsets.UTF_8));
            sandbox.run(cat, (stream, buffer, length) -> bytes.write(buffer, 0, length));
            assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("secret");
        }
    }

    @Test
    void closing_it_ends_daemons_that_hid_by_setsid_and_leaves_no_mount() throws IOException {
        String marker = "86399." + ProcessHandle.current().pid();
        long mountsBefore = mounts();
        try (Sandbox sandbox = open(LONG)) {
            sh(sandbox, "setsid sh -c 'setsid sleep " + marker + " & setsid sleep " + marker + " &' >/dev/null 2>&1");
            await().atMost(LONG).until(() -> running(marker) >= 2);
        }
        assertThat(running(marker)).isZero();
        assertThat(mounts()).isEqualTo(mountsBefore);
        assertThat(dir.resolve("work/root")).isEmptyDirectory();
    }

    @Test
    void killing_the_attempt_ends_a_running_command() throws Exception {
        try (Sandbox sandbox = open(LONG)) {
            CompletableFuture<Said> running = CompletableFuture.supplyAsync(() -> sh(sandbox, "sleep 1000"));
            await().atMost(LONG).until(() -> running("sleep 1000") > 0);
            killer.kill();
            assertThat(running.get(20, TimeUnit.SECONDS).result()).isEqualTo(new CommandResult.Killed());
            assertThat(sandbox.isOpen()).isFalse();
        }
    }

    @Test
    void an_attempt_that_was_killed_gets_no_sandbox_any_more() {
        killer.kill();
        try (Sandbox sandbox = open(LONG)) {
            assertThat(sandbox.isOpen()).isFalse();
        }
    }

    @Test
    void a_command_over_its_deadline_takes_the_sandbox_with_it() {
        try (Sandbox sandbox = open(LONG)) {
            Duration deadline = Duration.ofMillis(300);
            assertThat(sh(sandbox, "setsid sleep 4321 & sleep 4321", deadline).result())
                    .isEqualTo(new CommandResult.TimedOut(deadline));
            assertThat(sandbox.isOpen()).isFalse();
            assertThat(running("sleep 4321")).isZero();
            assertThat(killer.killed()).as("the attempt itself goes on").isFalse();
        }
    }

    @Test
    void silence_ends_it_and_heartbeats_keep_it() {
        try (Sandbox sandbox = open(Duration.ofSeconds(1))) {
            long until = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            await().pollInterval(Duration.ofMillis(200)).atMost(LONG).until(() -> {
                sandbox.heartbeat();
                return System.nanoTime() > until;
            });
            assertThat(sandbox.isOpen()).isTrue();
            await().atMost(LONG).until(() -> !sandbox.isOpen());
            assertThat(sh(sandbox, "true").result().succeeded()).isFalse();
        }
    }

    @Test
    void killing_the_supervisor_ends_everything_too() {
        String marker = "76543." + ProcessHandle.current().pid();
        try (Sandbox sandbox = open(LONG)) {
            sh(sandbox, "setsid sleep " + marker + " >/dev/null 2>&1 &");
            await().atMost(LONG).until(() -> running(marker) == 1);
            ProcessHandle.current()
                    .children()
                    .filter(p -> cmdline(p.pid()).contains("slipway-supervisor"))
                    .forEach(ProcessHandle::destroyForcibly);
            await().atMost(LONG).until(() -> running(marker) == 0);
        }
    }

    @Test
    void its_connection_ends_with_it_however_it_ends() {
        long closed;
        try (Sandbox sandbox = open(Network.INTERNET, LONG)) {
            assertThat(sandbox.isOpen()).isTrue();
            closed = pasta();
        }
        assertThat(cmdline(closed)).isEmpty();
        try (Sandbox orphaned = open(Network.INTERNET, LONG)) {
            long pasta = pasta();
            ProcessHandle.current()
                    .children()
                    .filter(p -> cmdline(p.pid()).contains("slipway-supervisor"))
                    .forEach(ProcessHandle::destroyForcibly);
            await().atMost(LONG).until(() -> cmdline(pasta).isEmpty());
            await().atMost(LONG).until(() -> !orphaned.isOpen());
        }
    }

    @Test
    void a_sandbox_that_lost_its_connection_ends() {
        try (Sandbox sandbox = open(Network.INTERNET, LONG)) {
            ProcessHandle.of(pasta()).ifPresent(ProcessHandle::destroyForcibly);
            await().atMost(LONG).until(() -> {
                sandbox.heartbeat();
                return !sandbox.isOpen();
            });
        }
    }

    private static long pasta() {
        return ProcessHandle.current()
                .descendants()
                .filter(p -> cmdline(p.pid()).startsWith("pasta "))
                .findAny()
                .orElseThrow()
                .pid();
    }

    @Test
    void a_sandbox_that_cannot_be_made_says_why() {
        assertThatThrownBy(() -> open(LONG, Mount.readOnly(dir.resolve("not-there"), "/context")))
                .isInstanceOf(SandboxException.class)
                .hasMessageContaining("not-there");
    }

    @Test
    void a_supervisor_whose_sandbox_never_gets_ready_gives_up_and_leaves_nothing() throws Exception {
        String marker = "65432." + ProcessHandle.current().pid();
        Path said = dir.resolve("said");
        Process supervisor = new ProcessBuilder(
                        "/bin/bash",
                        "-c",
                        Resource.text("supervisor.sh"),
                        Sandbox.SUPERVISOR_NAME,
                        "30",
                        "1",
                        "sleep " + marker + "; :",
                        dir + "/root",
                        "fstab",
                        "etc",
                        "0",
                        "none",
                        "")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(supervisor.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(supervisor.exitValue()).isEqualTo(1);
            assertThat(said).content().contains("not ready within 1 s");
            await().atMost(LONG).until(() -> running("sleep " + marker) == 0);
        } finally {
            supervisor.destroyForcibly();
        }
    }
}
