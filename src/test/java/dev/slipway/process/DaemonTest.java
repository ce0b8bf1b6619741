package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DaemonTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

    @TempDir
    Path directory;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @Test
    void closing_it_interrupts_the_program() throws Exception {
        Daemon daemon = start("trap 'echo told; exit 3' INT; echo ready; while :; do sleep 0.05; done");
        await().until(() -> said().contains("ready"));
        assertThat(daemon.end(Duration.ofSeconds(10))).isTrue();
        assertThat(daemon.onExit().get(1, TimeUnit.SECONDS)).isEqualTo(3);
        await().until(() -> said().contains("told"));
    }

    @Test
    void a_program_that_does_not_listen_is_killed_with_its_children() throws Exception {
        Path pid = directory.resolve("pid");
        Daemon daemon = start("trap '' INT; echo $$ > pid.new; mv pid.new pid; while :; do sleep 60; done");
        await().until(() -> Files.exists(pid));
        assertThat(daemon.end(Duration.ofMillis(100))).isFalse();
        daemon.close();
        long number = Long.parseLong(Files.readString(pid).strip());
        await().until(() -> ProcessHandle.of(number).isEmpty());
        assertThat(daemon.onExit().get(10, TimeUnit.SECONDS)).isNotZero();
    }

    @Test
    void the_end_of_the_program_is_the_end_of_the_daemon() throws Exception {
        try (Daemon daemon = start("exit 7")) {
            assertThat(daemon.onExit().get(10, TimeUnit.SECONDS)).isEqualTo(7);
            assertThat(daemon.isAlive()).isFalse();
        }
    }

    @Test
    void signals_to_the_whole_group_leave_the_program_to_us() throws Exception {
        Path ready = directory.resolve("ready");
        try (Daemon daemon = start("trap '' TERM; trap 'exit 0' INT; touch ready; while :; do sleep 0.05; done")) {
            await().until(() -> Files.exists(ready));
            ProcessHandle wrapper = ProcessHandle.current()
                    .children()
                    .filter(child -> child.info().arguments().stream()
                            .anyMatch(a -> List.of(a).contains("daemon")))
                    .findFirst()
                    .orElseThrow();
            wrapper.destroy();
            wrapper.children().forEach(ProcessHandle::destroy);
            assertThat(daemon.onExit().isDone()).isFalse();
            assertThat(daemon.end(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void nothing_of_our_environment_is_inherited() throws Exception {
        try (Daemon daemon = start("env")) {
            daemon.onExit().get(10, TimeUnit.SECONDS);
            await().until(() -> said().contains("PATH=/usr/bin:/bin"));
            assertThat(said()).doesNotContain("HOME=").doesNotContain("JAVA_HOME=");
        }
    }

    private Daemon start(String script) {
        return Daemon.start(List.of("bash", "-c", script), ENVIRONMENT, directory, this::take);
    }

    private synchronized void take(OutputSink.Stream stream, byte[] bytes, int length) {
        output.write(bytes, 0, length);
    }

    private synchronized String said() {
        return output.toString(StandardCharsets.UTF_8);
    }
}
