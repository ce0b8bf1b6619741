package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ToolTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void it_gives_the_exit_code_and_both_streams() {
        ToolResult result = run("cat; echo oops >&2; exit 3", LONG);
        assertThat(result).isEqualTo(new ToolResult(3, false, "hello\noops"));
        assertThat(result.failure()).isEqualTo("it ended with exit code 3: hello\noops");
    }

    @Test
    void only_the_end_of_much_output_is_kept() {
        ToolResult result = run("head -c 1000000 /dev/zero | tr '\\0' x; echo end", LONG);
        assertThat(result.succeeded()).isTrue();
        assertThat(result.output()).endsWith("xend").hasSizeLessThan(10_000);
    }

    @Test
    void it_is_killed_with_its_children_at_its_deadline() {
        ToolResult result = run("sleep 60", Duration.ofMillis(200));
        assertThat(result.timedOut()).isTrue();
        assertThat(result.succeeded()).isFalse();
    }

    @Test
    void a_program_that_is_not_there_says_which() {
        assertThatThrownBy(() -> Tool.run(List.of("/no/such/program"), Map.of(), new byte[0], LONG))
                .hasMessageContaining("tried to start /no/such/program");
    }

    private static ToolResult run(String script, Duration deadline) {
        return Tool.run(
                List.of("bash", "-c", script),
                Map.of("PATH", "/usr/bin:/bin"),
                "hello\n".getBytes(StandardCharsets.US_ASCII),
                deadline);
    }
}
