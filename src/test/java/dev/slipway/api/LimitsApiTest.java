package dev.slipway.api;

import static dev.slipway.TestClient.errorType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.Gate;
import dev.slipway.Processes;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Builds that take more than they may, each beside one that does not and succeeds. */
@QuarkusTest
@TestProfile(LimitsApiTest.Low.class)
@Timeout(120)
class LimitsApiTest extends ApiFixture {
    private static final Duration SOON = Duration.ofSeconds(20);

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

    /** Runs the instructions as a build of their own while another one waits in the other slot; the first one's error. */
    private JsonObject fails(String name, String instructions) throws IOException {
        try (Gate gate = new Gate()) {
            String neighbour = client.submit(new TestForm()
                    .field("image", name + "-neighbour")
                    .source(TestSource.running("RUN " + gate.pass(name)
                            + "; for i in 1 2 3; do echo $i | /bin/busybox cat; done; echo the neighbour ran")));
            gate.awaitArrivals(1);
            String id = client.submit(new TestForm()
                    .field("image", name)
                    .field("timeout", "PT50S")
                    .source(TestSource.running(instructions)));
            JsonObject build = client.ended(id, "FAILED");
            gate.open();

            client.ended(neighbour, "SUCCEEDED");
            assertThat(client.log(neighbour)).contains("the neighbour ran\n");
            assertThat(build.getInteger("attempt")).isEqualTo(1);
            assertThat(build.getJsonObject("error").getString("step")).isEqualTo("BUILD");
            assertNothingIsLeft(id);
            return build;
        }
    }

    private void assertNothingIsLeft(String id) {
        data.awaitEmptyWork();
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(Processes.kill(id)).as("processes that name the build").isZero();
            assertThat(containers()).as("containers in the slots' stores").isEmpty();
        });
    }

    private List<String> containers() throws IOException {
        try (Stream<Path> slots = Files.list(data.directory().resolve("slots"))) {
            return slots.map(slot -> slot.resolve("storage/overlay-containers/containers.json"))
                    .filter(Files::exists)
                    .map(LimitsApiTest::text)
                    .filter(text -> !text.equals("[]"))
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void assertSays(JsonObject build, String type, String detail) {
        assertThat(errorType(build)).as(build.encodePrettily()).isEqualTo("/problems/" + type);
        assertThat(build.getJsonObject("error").getString("detail"))
                .startsWith("tried to build the image but " + detail);
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
    void an_endless_log_ends() throws IOException {
        assertSays(fails("yes", "RUN /bin/busybox yes a line that means nothing and is long enough to make many bytes of few lines"), "build-failed", "it printed more than 30 MiB");
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
