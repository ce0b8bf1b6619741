package dev.slipway.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void it_is_made_and_private() throws IOException {
        Path path = temporary.resolve("a/b");
        try (DataDirectory directory = DataDirectory.open(path)) {
            assertThat(directory.path()).isEqualTo(path);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void a_second_service_is_told_who_has_it() {
        try (DataDirectory first = DataDirectory.open(temporary)) {
            assertThatThrownBy(() -> DataDirectory.open(first.path(), Duration.ofMillis(200)))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining(
                            "another Slipway (pid " + ProcessHandle.current().pid() + ")")
                    .hasMessageContaining("--data");
        }
    }

    @Test
    void a_successor_waits_for_a_dying_predecessor() throws Exception {
        DataDirectory first = DataDirectory.open(temporary);
        CompletableFuture<DataDirectory> second = CompletableFuture.supplyAsync(() -> DataDirectory.open(temporary));
        first.close();
        second.get(10, TimeUnit.SECONDS).close();
    }
}
