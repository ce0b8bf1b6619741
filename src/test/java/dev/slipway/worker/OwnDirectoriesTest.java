package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnDirectoriesTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    Path temporary;

    private OwnDirectories take(String slots, String work) {
        return OwnDirectories.take(temporary.resolve(slots), temporary.resolve(work), SHORT);
    }

    @Test
    void a_second_service_is_told_which_directory_it_shares_and_with_whom() {
        String other = "another Slipway (pid " + ProcessHandle.current().pid() + ")";
        OwnDirectories first = take("slots", "work");
        try {
            assertThatThrownBy(() -> take("slots", "work-2"))
                    .hasMessageStartingWith("tried to use " + temporary.resolve("slots"))
                    .hasMessageContainingAll("SLIPWAY_WORKER_SLOTS_DIRECTORY", other);
            assertThatThrownBy(() -> take("slots-2", "work"))
                    .hasMessageStartingWith("tried to use " + temporary.resolve("work"))
                    .hasMessageContainingAll("SLIPWAY_WORKER_WORK_DIRECTORY", other);
            take("slots-2", "work-2").close();
        } finally {
            first.close();
        }
    }

    @Test
    void they_are_free_when_their_service_has_stopped_and_the_work_directory_stays_empty() {
        take("slots", "work").close();
        take("slots", "work").close();
        assertThat(temporary.resolve("work")).isEmptyDirectory();
    }
}
