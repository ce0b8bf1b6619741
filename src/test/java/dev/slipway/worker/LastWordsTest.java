package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.QueueOnly;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.process.CommandResult;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a RUN step printed last is not lost, however late it is read; buildah by itself does not wait for that. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(120)
class LastWordsTest extends SlotFixture {
    /** More than buildah can hand on while nobody reads, and less than it and the step's own pipe hold together. */
    private static final String LINES = "/bin/busybox seq 1 17000; echo the end";

    private final String mark = UUID.randomUUID().toString();

    @Test
    void of_a_step_that_failed_they_are_read_long_after_its_end() throws IOException {
        assertThat(afterItsEnd(LINES + "; /bin/busybox sleep 0.5; exit 3"))
                .contains("\n17000\nthe end\n")
                .contains("exit status 3");
    }

    @Test
    void of_a_step_that_succeeded_too() throws IOException {
        assertThat(afterItsEnd(LINES + "; /bin/busybox sleep 0.5")).contains("\n17000\nthe end\n");
    }

    @Test
    void of_a_step_that_leaves_a_silent_daemon_too() throws IOException {
        assertThat(afterItsEnd("/bin/busybox sleep 600 & " + LINES + "; /bin/busybox sleep 0.5"))
                .contains("\n17000\nthe end\n");
    }

    @Test
    void a_daemon_that_prints_for_ever_does_not_keep_its_step_from_ending() throws IOException {
        assertThat(run("/bin/busybox yes & exec /bin/busybox sleep 0.2", (stream, bytes, length) -> {}))
                .isEqualTo(new CommandResult.Exited(0));
    }

    /** What is read of a step, of which nothing is before it has ended. */
    private String afterItsEnd(String shell) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        run(shell + " # " + mark, (stream, bytes, length) -> {
            synchronized (said) {
                if (said.size() == 0) {
                    awaitStep();
                }
                said.write(bytes, 0, length);
            }
        });
        return said.toString(StandardCharsets.UTF_8);
    }

    private void awaitStep() {
        await().pollInterval(Duration.ofMillis(5)).atMost(LONG).until(this::stepRuns);
        await().atMost(LONG).until(() -> !stepRuns());
        // who does not wait for its output is gone by then
        await().pollDelay(Duration.ofMillis(1500)).atMost(LONG).until(() -> true);
    }

    private boolean stepRuns() {
        return ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().commandLine().orElse("").contains(mark));
    }

    private CommandResult run(String shell, OutputSink sink) throws IOException {
        Path work = work("words");
        try (BuildahSandbox sandbox = buildah.openBuild(attempt(work, new Killer()), context(work, running(shell)))) {
            return sandbox.bud(dockerfileAlone(), LONG, sink);
        }
    }
}
