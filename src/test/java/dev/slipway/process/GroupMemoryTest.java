package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupMemoryTest {
    @TempDir
    Path directory;

    @Test
    void the_group_or_ancestor_that_has_least_left_decides_and_caches_count_as_free() throws IOException {
        write("cgroup/memory.stat", "anon 5\n");
        write("cgroup/pod/memory.max", "1000000\n");
        write("cgroup/pod/memory.current", "700000\n");
        write("cgroup/pod/memory.stat", "anon 9\nactive_file 20\ninactive_file 100\nslab_reclaimable 3\n");
        write("cgroup/pod/own/memory.max", "max\n");
        write("cgroup/pod/own/memory.current", "600000\n");
        write("cgroup/pod/own/memory.events", "low 0\noom 5\noom_kill 4\noom_group_kill 0\n");

        assertThat(in("0::/pod/own\n").available()).isEqualTo(300_123);
        assertThat(in("0::/pod/own\n").killed()).hasValue(4);
        assertThat(in("0::/\n").available()).isGreaterThan(1L << 50);
        assertThat(in("0::/\n").killed()).isEmpty();
    }

    @Test
    void a_container_that_sees_its_own_group_as_the_root_has_that_ones_limit() throws IOException {
        write("cgroup/memory.max", "5000\n");
        write("cgroup/memory.current", "6000\n");
        write("cgroup/memory.stat", "inactive_file 10\n");

        assertThat(in("0::/kubepods/pod1/container\n").available()).isZero();
        assertThat(in("0::/../../elsewhere\n").available()).isZero();
    }

    @Test
    void version_1_counts_what_is_below_too() throws IOException {
        write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("cgroup/memory/docker/1/memory.limit_in_bytes", "900000\n");
        write("cgroup/memory/docker/1/memory.usage_in_bytes", "800000\n");
        write(
                "cgroup/memory/docker/1/memory.stat",
                "active_file 1\ninactive_file 1\ntotal_inactive_file 500\ntotal_active_file 40\n");
        write("cgroup/memory/docker/1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");

        GroupMemory groups = in("5:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n0::/\n");
        assertThat(groups.available()).isEqualTo(100_540);
        assertThat(groups.killed()).hasValue(2);
    }

    @Test
    void where_there_are_no_groups_there_is_no_limit() {
        GroupMemory none = new GroupMemory(directory.resolve("none"), directory);
        assertThat(none.available()).isGreaterThan(1L << 50);
        assertThat(none.killed()).isEmpty();
    }

    private GroupMemory in(String ours) throws IOException {
        write("ours", ours);
        return new GroupMemory(directory.resolve("ours"), directory.resolve("cgroup"));
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
