package dev.slipway.api;

import static dev.slipway.TestClient.errorType;
import static dev.slipway.TestClient.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.Processes;
import dev.slipway.TestClient;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Builds that fail before there is anything to push. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class FailuresApiTest extends ApiFixture {
    @AfterEach
    void nothing_is_left_to_work_on() {
        data.awaitEmptyWork();
    }

    @Test
    void a_dockerfile_that_fails_is_told_with_its_exit_code_and_last_lines() {
        JsonObject build = client.run(
                new TestForm()
                        .field("image", "fails")
                        .source(TestSource.running("RUN echo before the end; echo 'the reason' >&2; exit 7")),
                "FAILED");

        JsonObject error = build.getJsonObject("error");
        assertThat(error.fieldNames())
                .containsExactlyInAnyOrder("type", "title", "detail", "step", "exitCode", "retryable");
        assertThat(error.getString("type")).isEqualTo("/problems/build-failed");
        assertThat(error.getString("step")).isEqualTo("BUILD");
        assertThat(error.getInteger("exitCode")).isEqualTo(7);
        assertThat(error.getBoolean("retryable")).isFalse();
        assertThat(error.getString("detail")).startsWith("tried to").contains("the reason");
        assertThat(steps(build, 1)).containsExactly("UNPACK", "BUILD");
        assertThat(build.getJsonArray("steps").getJsonObject(1).getString("status"))
                .isEqualTo("failed");
        assertThat(TestClient.targets(build).getFirst().getString("status")).isEqualTo("pending");
        assertThat(client.log(build.getString("id"))).contains("before the end\n", "the reason\n");
    }

    /** The code of a process that was killed, but here it is the step's own. */
    @Test
    void an_exit_code_of_137_is_a_failure_of_the_build_and_no_crash_of_its_worker() {
        JsonObject build = client.run(
                new TestForm().field("image", "killed").source(TestSource.running("RUN exit 137")), "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/build-failed");
        assertThat(build.getJsonObject("error").getInteger("exitCode")).isEqualTo(137);
        assertThat(build.getInteger("attempt")).isEqualTo(1);
    }

    @Test
    void a_base_image_that_is_not_there_cannot_be_pulled() {
        JsonObject build = client.run(
                new TestForm()
                        .field("image", "nobase")
                        .field("dockerfile", "FROM " + registry.host() + "/demo/not-there:1\n"),
                "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/pull-failed");
        assertThat(build.getJsonObject("error").getString("detail")).contains("demo/not-there:1");
        assertThat(steps(build, 1)).containsExactly("UNPACK", "PULL");
    }

    @Test
    void an_image_that_was_pushed_is_a_base_for_others() throws Exception {
        client.run(new TestForm().field("image", "base:1").source(TestSource.holding("base")), "SUCCEEDED");

        JsonObject build = client.run(
                new TestForm()
                        .field("image", "derived")
                        .field("dockerfile", "FROM " + registry.host() + "/demo/base:1\nLABEL derived=yes\n"),
                "SUCCEEDED");

        assertThat(steps(build, 1)).containsExactly("UNPACK", "PULL", "BUILD", "TAG", "LOGIN", "PUSH");
        assertThat(registry.digest("demo/derived", "latest")).isEqualTo(build.getString("digest"));
    }

    @Test
    void a_build_that_takes_too_long_is_ended_with_all_its_processes() throws Exception {
        JsonObject build = client.run(
                new TestForm()
                        .field("timeout", "PT2S")
                        .field("image", "slow")
                        .source(TestSource.running(
                                "RUN /bin/busybox setsid /bin/busybox sleep 71231 &" + " /bin/busybox sleep 71232")),
                "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/timed-out");
        assertThat(build.getJsonObject("error").getString("step")).isEqualTo("BUILD");
        assertThat(Processes.any("/bin/busybox sleep 71231")).isFalse();
        assertThat(Processes.any("/bin/busybox sleep 71232")).isFalse();
    }

    @Test
    void a_sandbox_that_waits_for_its_turn_may_die_and_costs_the_build_nothing() throws IOException {
        String id = client.submit(new TestForm()
                .field("image", "ahead")
                .source(TestSource.running("RUN time=71233; /bin/busybox sleep $time || true")));
        await().until(() -> Processes.any("/bin/busybox sleep 71233"));
        await().until(() -> Processes.kill(id + "-1/push-0/root") > 0);
        Processes.kill("/bin/busybox sleep 71233");

        JsonObject build = client.ended(id, "SUCCEEDED");
        assertThat(build.getInteger("attempt")).isEqualTo(1);
    }
}
