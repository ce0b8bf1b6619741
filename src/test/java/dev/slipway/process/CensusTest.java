package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CensusTest {
    @Test
    void it_counts_the_threads_and_the_memory_of_those_asked_for_only() throws IOException {
        String ours = Census.namespaceOf(ProcessHandle.current().pid());

        Map<String, Census.Group> found = Census.of(Set.of(ours, "pid:[1]"));

        assertThat(found.get(ours).tasks()).as("this process has many threads").isGreaterThan(10);
        assertThat(found.get(ours).memory())
                .isPositive()
                .isLessThanOrEqualTo(found.get(ours).memoryAtMost() + (64 << 20));
        assertThat(found.get(ours).isAlive()).isTrue();
        assertThat(found.get("pid:[1]").isAlive()).isFalse();
        assertThat(found.get("pid:[1]").tasks()).isZero();
        assertThat(found.get("pid:[1]").memory()).isZero();
    }

    @Test
    void the_end_of_a_namespace_can_be_waited_for() throws IOException {
        String ours = Census.namespaceOf(ProcessHandle.current().pid());
        assertThat(Census.awaitEnd(ours, Duration.ZERO)).isFalse();
        assertThat(Census.awaitEnd("pid:[1]", Duration.ZERO)).isTrue();
    }

    @Test
    void a_process_that_is_not_there_has_no_namespace() {
        assertThatThrownBy(() -> Census.namespaceOf(Integer.MAX_VALUE)).isInstanceOf(IOException.class);
    }

    @Test
    void it_knows_how_much_memory_the_machine_has_left() throws IOException {
        assertThat(Census.machineAvailable()).isPositive();
    }

    @Test
    void numbers_are_found_by_the_name_their_line_begins_with() {
        String status = "Name:\tThreads: 7\nRssAnon:\t   1234 kB\nThreads:\t12\n";
        assertThat(Census.number(status, "Threads:")).isEqualTo(12);
        assertThat(Census.number(status, "RssAnon:")).isEqualTo(1234);
        assertThat(Census.number(status, "VmSwap:")).isZero();
        assertThat(Census.number("oom_kill 3\n", "oom_kill ")).isEqualTo(3);
    }
}
