package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of {@code deploy/soak} with a fixed seed: two replicas under load while things are killed around them. */
@Timeout(600)
class SoakIT {
    /** Its first faults kill each kind of thing once. */
    private static final int SEED = 2586;

    private static final int SECONDS = 40;

    private Path directory;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
    }

    @AfterEach
    void nothing_is_left() {
        Traces.awaitNone(directory);
        TestFiles.delete(directory);
    }

    @Test
    void each_accepted_build_ends_once_and_nothing_is_left_whatever_was_killed() throws Exception {
        Path jar = Path.of(System.getProperty("slipway.jar"));
        Path output = directory.resolve("output");
        List<String> argv = List.of(
                "python3",
                "-B",
                Path.of("deploy/lib/soak/soak.py").toAbsolutePath().toString(),
                "--app=" + jar.getParent(),
                "--java=" + Path.of(System.getProperty("java.home"), "bin/java"),
                "--busybox=/bin/busybox",
                "--directory=" + directory.resolve("run"),
                "--seconds=" + SECONDS,
                "--seed=" + SEED,
                "--clients=4");
        ProcessBuilder builder =
                new ProcessBuilder(argv).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", "HOME", System.getProperty("user.home")));
        Process soak = builder.start();
        try {
            assertThat(soak.waitFor(500, TimeUnit.SECONDS))
                    .as("it ended; it said:\n%s", Files.readString(output))
                    .isTrue();
        } finally {
            soak.destroy();
            soak.onExit().join();
        }
        assertThat(soak.exitValue()).as(Files.readString(output)).isZero();
        assertThat(Files.readString(output)).contains("| lost | 0 |").contains("| ended twice | 0 |");
    }
}
