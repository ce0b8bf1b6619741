package dev.slipway.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.ProcessCommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes whose supervisors do nothing more, as frozen ones. */
class StraySandboxesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path dir;

    @Test
    void those_of_ones_own_directory_end_and_those_of_another_that_is_called_alike_stay() throws Exception {
        Path mine = Files.createDirectories(dir.resolve("work"));
        Path theirs = Files.createDirectories(Path.of(dir + "/home" + mine));
        Path alsoTheirs = Files.createDirectories(dir.resolve("work-2"));
        try (Sandbox stray = open(mine);
                Sandbox other = open(theirs);
                Sandbox another = open(alsoTheirs)) {
            List<ProcessHandle> strays = processes(mine);
            assertThat(strays).hasSizeGreaterThanOrEqualTo(2);
            freeze(strays);

            StraySandboxes.end(mine);

            assertThat(strays).noneMatch(ProcessHandle::isAlive);
            await().atMost(LONG).until(() -> !stray.isOpen());
            assertThat(other.isOpen()).isTrue();
            assertThat(another.isOpen()).isTrue();
            assertThat(processes(theirs)).isNotEmpty();
            assertThat(processes(alsoTheirs)).isNotEmpty();
        }
    }

    private Sandbox open(Path work) throws IOException {
        Path etc = dir.resolve("etc");
        SandboxFiles.write(etc, Set.of());
        Sandbox.Layout layout = new Sandbox.Layout(
                List.of(), Network.NONE, Set.of(), Optional.empty(), Delegation.none("not asked for"));
        return Sandbox.open(new ProcessCommandRunner(), work.resolve("attempt"), etc, layout, LONG, new Killer());
    }

    /** The supervisor of whatever works in a directory, and all it started. */
    private static List<ProcessHandle> processes(Path work) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> hasArgument(
                                process, work.resolve("attempt/root").toString())
                        || process.parent()
                                .filter(parent -> hasArgument(
                                        parent, work.resolve("attempt/root").toString()))
                                .isPresent())
                .toList();
    }

    private static boolean hasArgument(ProcessHandle process, String word) {
        try {
            Path cmdline = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            return List.of(Files.readString(cmdline).split("\0")).contains(word);
        } catch (IOException e) {
            return false;
        }
    }

    private static void freeze(List<ProcessHandle> processes) throws IOException, InterruptedException {
        for (ProcessHandle process : processes) {
            new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }
}
