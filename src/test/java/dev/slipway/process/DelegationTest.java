package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree of directories and files for the kernel's: who may divide which group, and what is written where. */
class DelegationTest {
    private static final String NONE =
            "not used: no control group is delegated to this service (systemd: Delegate=yes)";

    @TempDir
    Path directory;

    private Path root;

    @BeforeEach
    void the_usual_mount() throws IOException {
        root = Files.createDirectory(directory.resolve("cgroup"));
        write(
                directory.resolve("mountinfo"),
                "31 23 0:28 / /sys rw - tmpfs tmpfs rw\n41 31 0:38 / " + root + " rw,relatime - cgroup2 cgroup2 rw\n");
    }

    @Test
    void the_controllers_there_are_are_handed_down_and_a_sandbox_has_what_they_hold() throws IOException {
        Path group = group("own", "cpuset cpu io memory hugetlb pids");
        Delegation all = take("12:pids:/elsewhere\n0::/own\n");

        assertThat(all).hasToString("cpu, memory, pids, in " + group);
        assertThat(group.resolve("slipway-service")).isDirectory();
        assertThat(group.resolve("cgroup.subtree_control")).hasContent("+cpu +memory +pids");
        Path sandbox = all.make(values()).orElseThrow().directory();
        assertThat(sandbox.resolve("memory.max")).hasContent("1000");
        assertThat(sandbox.resolve("pids.max")).hasContent("20");
        assertThat(sandbox.resolve("cpu.max")).hasContent("150000 100000");
        assertThat(all.make(values()).orElseThrow().directory()).as("another's").isNotEqualTo(sandbox);
    }

    @Test
    void what_is_not_handed_down_is_not_asked_for() throws IOException {
        Path group = group("own", "cpuset pids");
        Delegation some = take("0::/own\n");

        assertThat(group.resolve("cgroup.subtree_control")).hasContent("+pids");
        assertThat(some.make(values()).orElseThrow().directory().toFile().list())
                .containsExactly("pids.max");
        assertThat(some.has("pids")).isTrue();
        assertThat(some.has("memory")).isFalse();
    }

    @Test
    void without_any_controller_there_are_groups_nevertheless() throws IOException {
        Path group = group("own", "hugetlb");
        Delegation bare = take("0::/own\n");

        assertThat(bare).hasToString("only to end builds by, in " + group);
        assertThat(group.resolve("cgroup.subtree_control")).isEmptyFile();
        assertThat(bare.make(values()).orElseThrow().directory()).isEmptyDirectory();
    }

    @Test
    void who_was_started_in_the_leaf_of_another_divides_what_is_above() throws IOException {
        Path group = group("own", "pids");
        group("own/slipway-service", "pids");

        assertThat(take("0::/own/slipway-service\n")).hasToString("pids, in " + group);
        assertThat(group.resolve("slipway-service/slipway-service")).doesNotExist();
    }

    @Test
    void a_container_sees_its_group_where_a_part_of_the_tree_is_mounted() throws IOException {
        Path group = group("own", "pids");
        write(
                directory.resolve("mountinfo"),
                "41 31 0:38 /docker/1 " + root + " rw,relatime master:1 - cgroup2 cgroup2 rw\n");

        assertThat(take("0::/docker/1/own\n")).hasToString("pids, in " + group);
        assertThat(take("0::/docker/2/own\n")).hasToString(NONE);
    }

    @Test
    void what_is_not_left_to_us_is_not_touched() throws IOException {
        Path closed = group("closed", "pids");
        Files.setPosixFilePermissions(closed.resolve("cgroup.procs"), PosixFilePermissions.fromString("r--r--r--"));
        Path everything = group("everything", "pids");
        Files.delete(everything.resolve("cgroup.events"));
        Path systemds = group("app-editor.scope", "pids");

        assertThat(take("0::/closed\n")).hasToString(NONE);
        assertThat(take("0::/everything\n")).as("the root of all has no events").hasToString(NONE);
        assertThat(take("0::/app-editor.scope\n")).hasToString(NONE);
        assertThat(take("0::/nowhere\n")).hasToString(NONE);
        assertThat(take("4:memory:/closed\n")).as("version 1").hasToString(NONE);
        for (Path group : new Path[] {closed, everything, systemds}) {
            assertThat(group.resolve("slipway-service")).doesNotExist();
            assertThat(group.resolve("cgroup.subtree_control")).isEmptyFile();
        }
        assertThat(take("0::/closed\n").make(values())).isEmpty();
    }

    @Test
    void a_group_of_systemds_that_carries_its_mark_is_left_to_us() throws IOException {
        Path unit = group("slipway.service", "pids");
        Files.getFileAttributeView(unit, UserDefinedFileAttributeView.class)
                .write("delegate", ByteBuffer.wrap("1".getBytes(StandardCharsets.US_ASCII)));

        assertThat(take("0::/slipway.service\n")).hasToString("pids, in " + unit);
    }

    @Test
    void processes_that_stay_where_they_are_are_named() throws IOException {
        Path group = group("own", "pids");
        write(group.resolve("cgroup.procs"), "123\n");

        assertThat(take("0::/own\n").toString())
                .startsWith("not used: tried to divide the control group of this service but it failed")
                .endsWith("[123]");
        assertThat(group.resolve("cgroup.subtree_control")).isEmptyFile();
    }

    @Test
    void what_the_kernel_killed_or_refused_is_told_with_whose_limit_it_was() throws IOException {
        ControlGroup group = new ControlGroup(Files.createDirectory(directory.resolve("sandbox")));
        assertThat(group.refusal()).isEmpty();

        write(group.directory().resolve("pids.max"), "20\n");
        write(group.directory().resolve("pids.events"), "max 3\n");
        assertThat(group.refusal()).hasValue(ControlGroup.Refusal.PROCESSES);
        write(group.directory().resolve("pids.peak"), "19\n");
        assertThat(group.refusal()).as("another's limit").isEmpty();
        write(group.directory().resolve("pids.peak"), "20\n");
        assertThat(group.refusal()).hasValue(ControlGroup.Refusal.PROCESSES);
        write(group.directory().resolve("pids.max"), "max\n");
        assertThat(group.refusal()).as("no limit").isEmpty();

        write(group.directory().resolve("memory.events"), "low 0\nmax 90\noom 2\noom_kill 1\noom_group_kill 1\n");
        assertThat(group.refusal()).as("one that nobody limits").isEmpty();
        write(group.directory().resolve("memory.oom.group"), "1\n");
        assertThat(group.refusal()).hasValue(ControlGroup.Refusal.MEMORY);
        write(group.directory().resolve("memory.events"), "low 0\nmax 0\noom 0\noom_kill 1\noom_group_kill 1\n");
        assertThat(group.refusal()).hasValue(ControlGroup.Refusal.MEMORY_OF_ALL);
        write(group.directory().resolve("memory.events"), "low 0\nmax 90\noom 0\noom_kill 0\noom_group_kill 0\n");
        assertThat(group.refusal()).as("it gave caches back").isEmpty();
    }

    private Delegation take(String groups) throws IOException {
        Path process = Files.createDirectories(directory.resolve("process"));
        write(process.resolve("cgroup"), groups);
        write(process.resolve("mountinfo"), Files.readString(directory.resolve("mountinfo")));
        return Delegation.take(process);
    }

    private Path group(String name, String controllers) throws IOException {
        Path group = Files.createDirectory(root.resolve(name));
        write(group.resolve("cgroup.controllers"), controllers + "\n");
        write(group.resolve("cgroup.events"), "populated 1\nfrozen 0\n");
        write(group.resolve("cgroup.procs"), "");
        write(group.resolve("cgroup.subtree_control"), "");
        return group;
    }

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("memory.max", "1000");
        values.put("pids.max", "20");
        values.put("cpu.max", "150000 100000");
        return values;
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }
}
