package dev.slipway.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OpenFilesTest {
    private static final long MIB = 1L << 20;

    /** SYSCALL: writes a mebibyte to a file in memory, which is nowhere mapped. */
    private static final String MEMFD = """
            my $name = "hidden"; my $fd = syscall($ARGV[0] + 0, $name, 0);
            open(my $file, ">&=", $fd) or die; syswrite($file, "x" x (1 << 20));
            $| = 1; print "ready\\n"; <STDIN>;
            """;

    @TempDir
    Path directory;

    @Test
    void what_is_written_to_a_file_in_memory_counts_as_memory_and_not_as_disk() throws Exception {
        String number = System.getProperty("os.arch").equals("aarch64") ? "279" : "319";
        Process holder = start("perl", "-e", MEMFD, number);
        try {
            List<String> pids = List.of(Long.toString(holder.pid()));
            assertThat(OpenFiles.size(OpenFiles.inMemory(pids))).isBetween(MIB, 2 * MIB);
            assertThat(OpenFiles.inodes(OpenFiles.inMemory(pids))).hasSize(1);
            assertThat(OpenFiles.onDisk(pids)).isZero();
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_deleted_file_counts_however_many_empty_ones_are_open_before_it() throws Exception {
        String script = """
                for i in {1..3000}; do exec {fd}>"$0/$i"; done
                exec {fd}>"$0/large"; head -c 1048576 /dev/urandom >&$fd; sync "$0/large"
                rm -r "$0"/*; echo ready; read -r
                """;
        Process holder = start("bash", "-c", script, directory.toString());
        try {
            assertThat(OpenFiles.onDisk(List.of(Long.toString(holder.pid())))).isBetween(MIB, 2 * MIB);
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void what_is_mapped_of_a_file_that_counts_already_is_found_without_what_is_no_part_of_it() {
        String smaps = """
                00400000-00500000 rw-s 00000000 00:01 77       /memfd:heap (deleted)
                Pss:                 300 kB
                Anonymous:           100 kB
                00500000-00600000 rw-s 00000000 00:01 78       /memfd:closed (deleted)
                Pss:                  50 kB
                7ffc00000000-7ffc00100000 rw-p 00000000 00:00 0   [stack]
                Pss:                   7 kB
                7ffd00000000-7ffd00100000 rw-p 00000000 00:00 0
                Pss:                   9 kB
                """;
        assertThat(Census.mapped(smaps, Set.of(77L))).isEqualTo(200);
        assertThat(Census.mapped(smaps, Set.of())).isZero();
    }

    @Test
    void a_mount_point_with_blanks_is_read_as_it_is_called() {
        assertThat(MemoryFiles.unescaped("/a\\040b\\011c\\134d")).isEqualTo("/a b\tc\\d");
    }

    private static Process start(String... argv) throws IOException {
        Process process = new ProcessBuilder(argv)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        return process;
    }
}
