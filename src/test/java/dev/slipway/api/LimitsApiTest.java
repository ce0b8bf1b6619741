package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.Everything;
import dev.slipway.Gate;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Builds that take more than they may, each beside one that does not and succeeds. */
@QuarkusTest
@TestProfile(LimitsApiTest.Low.class)
@Timeout(120)
class LimitsApiTest extends Neighbours {
    /** The whole service with limits that are soon reached. */
    public static class Low extends Everything {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put("slipway.buildah.network", "host");
            settings.put("slipway.limit.processes", "300");
            settings.put("slipway.limit.memory", "400M");
            settings.put("slipway.limit.disk", "200M");
            settings.put("slipway.limit.output", "30M");
            settings.put("slipway.log.max-bytes", "8M");
            settings.put("slipway.limit.cpus", "1");
            return settings;
        }
    }

    @Test
    void a_fork_bomb_ends_for_its_processes() throws IOException {
        assertSays(
                fails("bomb", "RUN f() { f | f & }; f; /bin/busybox sleep 40"),
                "build-failed",
                "it had more than 300 processes and threads at a time");
    }

    @Test
    void a_process_that_takes_ever_more_memory_ends_for_it() throws IOException {
        assertSays(
                fails("hog", "RUN /bin/busybox tail /dev/zero"), "build-failed", "it used more than 400 MiB of memory");
    }

    @Test
    void files_in_memory_count_as_memory() throws IOException {
        assertSays(
                fails(
                        "shm",
                        "RUN --mount=type=tmpfs,target=/t /bin/busybox dd if=/dev/zero of=/t/f bs=1M count=1500;"
                                + " /bin/busybox sleep 40"),
                "build-failed",
                "it used more than 400 MiB of memory");
    }

    @Test
    void a_build_that_fills_the_disk_ends_at_its_share() throws IOException {
        assertSays(
                fails("disk", "RUN /bin/busybox dd if=/dev/zero of=/f bs=1M count=3000; /bin/busybox sleep 40"),
                "storage-full",
                "it wrote more than 200 MiB to the disk");
    }

    @Test
    void a_file_without_a_name_takes_of_that_share_too() throws IOException {
        assertSays(
                fails(
                        "unnamed",
                        "RUN exec 3>/f; /bin/busybox rm /f; /bin/busybox dd if=/dev/zero bs=1M count=3000 >&3;"
                                + " /bin/busybox sleep 40"),
                "storage-full",
                "it wrote more than 200 MiB to the disk");
    }

    @Test
    void an_endless_log_ends() throws IOException {
        assertSays(
                fails(
                        "yes",
                        "RUN /bin/busybox yes a line that means nothing and is long enough to make many bytes of few lines"),
                "build-failed",
                "it printed more than 30 MiB");
    }

    @Test
    void a_build_that_takes_too_long_is_told_how_long_it_had() throws IOException {
        try (Gate gate = new Gate()) {
            JsonObject build = client.run(
                    new TestForm()
                            .field("image", "late")
                            .field("timeout", "1")
                            .source(TestSource.running("RUN " + gate.pass("late"))),
                    "FAILED");
            assertSays(build, "timed-out", "it did not end within 1 s");
        }
    }

    @Test
    void a_step_runs_confined_and_cannot_loosen_it() {
        String id = client.submit(new TestForm()
                .field("image", "confined")
                .source(TestSource.running("RUN echo processes $(ulimit -Hu) cores $(ulimit -Hc)"
                        + " oom $(/bin/busybox cat /proc/self/oom_score_adj) nice $(set -- $(/bin/busybox cat /proc/self/stat); echo ${19})"
                        + " processors $(/bin/busybox nproc); ulimit -u 100000 || echo no more processes")));
        client.ended(id, "SUCCEEDED");
        assertThat(client.log(id))
                .contains("processes 391 cores 0 oom 800 nice 10 processors 1\n", "no more processes\n");
    }
}
