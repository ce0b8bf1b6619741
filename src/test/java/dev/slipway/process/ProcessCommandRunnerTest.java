package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessCommandRunnerTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final CommandRunner runner = new ProcessCommandRunner();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private void take(OutputSink.Stream stream, byte[] bytes, int length) {
        (stream == OutputSink.Stream.STDOUT ? out : err).write(bytes, 0, length);
    }

    private static Command sh(String script) {
        return Command.of(LONG, List.of("sh", "-c", script));
    }

    @Test
    void both_streams_arrive_apart_and_whole() {
        CommandResult result = runner.run(
                sh("i=0; while [ $i -lt 5000 ]; do echo out; echo err >&2; i=$((i+1)); done; exit 3"), this::take);
        assertThat(result).isEqualTo(new CommandResult.Exited(3));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("out\n".repeat(5000));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("err\n".repeat(5000));
    }

    @Test
    void nothing_of_our_environment_is_inherited() {
        runner.run(sh("env").withEnvironment(Map.of("A", "b")), this::take);
        assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(line -> !line.matches("(PWD|_|SHLVL)=.*")))
                .containsExactlyInAnyOrder("A=b", "PATH=" + Command.PATH);
    }

    @Test
    void stdin_is_what_was_given_and_then_its_end() {
        runner.run(sh("cat").withStdin("secret".getBytes(StandardCharsets.UTF_8)), this::take);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("secret");
    }

    @Test
    void a_command_over_its_deadline_is_killed() {
        Duration deadline = Duration.ofMillis(200);
        assertThat(runner.run(Command.of(deadline, List.of("sleep", "1000")), this::take))
                .isEqualTo(new CommandResult.TimedOut(deadline));
    }

    @Test
    void the_switch_ends_a_running_command_and_any_later_one() throws Exception {
        Killer killer = new Killer();
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<CommandResult> running = CompletableFuture.supplyAsync(() ->
                runner.run(sh("echo go; exec sleep 1000"), (stream, bytes, length) -> started.countDown(), killer));
        assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
        killer.kill();
        assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(new CommandResult.Killed());
        assertThat(runner.run(sh("exec sleep 1000"), this::take, killer)).isEqualTo(new CommandResult.Killed());
    }

    @Test
    void a_grandchild_that_holds_the_output_does_not_hold_us() {
        assertThat(runner.run(sh("sleep 20 & echo done"), this::take)).isEqualTo(new CommandResult.Exited(0));
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("done\n");
    }

    @Test
    void a_slow_sink_holds_the_process_back_and_loses_nothing() {
        AtomicLong taken = new AtomicLong();
        CommandResult result = runner.run(sh("head -c 3000000 /dev/zero"), (stream, bytes, length) -> {
            await().pollDelay(Duration.ofMillis(20)).until(() -> true);
            taken.addAndGet(length);
        });
        assertThat(result.succeeded()).isTrue();
        assertThat(taken).hasValue(3_000_000);
    }

    @Test
    void a_sink_that_fails_does_not_end_the_process() {
        CommandResult result = runner.run(sh("head -c 1000000 /dev/zero; exit 4"), (stream, bytes, length) -> {
            throw new IllegalStateException("no more");
        });
        assertThat(result).isEqualTo(new CommandResult.Exited(4));
    }

    @Test
    void a_program_that_is_not_there_is_named() {
        assertThatThrownBy(() -> runner.run(Command.of(LONG, List.of("/no/such/program")), this::take))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("/no/such/program");
    }

    @Test
    void a_command_prints_without_its_stdin() {
        assertThat(sh("x").withStdin("secret".getBytes(StandardCharsets.UTF_8)).toString())
                .isEqualTo("sh -c x");
    }
}
