package dev.slipway.facade.buildpush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestData;
import dev.slipway.TestRegistry;
import dev.slipway.Transcript;
import dev.slipway.build.Build;
import dev.slipway.build.BuildStatus;
import dev.slipway.build.Step;
import dev.slipway.error.ErrorCode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wire format B, as its clients see it and state by state. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class BuildPushTest {
    @TestHTTPResource
    URI url;

    @Inject
    TestData data;

    TestRegistry registry;

    private Transcript transcript(String name) {
        return Transcript.of("facade/buildpush/" + name).with("registry", registry.host());
    }

    @Test
    void a_dockerfile_is_built_and_pushed() throws Exception {
        transcript("success.http").replay(new TestClient(url));

        assertThat(registry.digest("demo/golden-b", "v1")).startsWith("sha256:");
        assertThat(registry.digest("demo/golden-b", "v2")).startsWith("sha256:");
    }

    @Test
    void a_build_that_fails_is_told_twice_and_may_be_tried_again() {
        transcript("failed-build.http").replay(new TestClient(url));
    }

    @Test
    void what_failed_at_the_push_is_only_pushed_again() throws Exception {
        TestClient client = new TestClient(url);
        registry.down();
        String build;
        try {
            build = transcript("failed-push.http").replay(client).get("build");
        } finally {
            registry.up();
        }
        transcript("pushed-again.http").with("build", build).replay(client);

        assertThat(TestClient.steps(client.build(build), 2)).containsExactly("LOGIN", "PUSH");
        assertThat(registry.digest("demo/golden-b-push", "v1")).startsWith("sha256:");
    }

    @Test
    void what_is_refused_leaves_nothing() throws IOException {
        long builds = data.builds();
        Set<String> sources = data.sources();

        transcript("refused.http").replay(new TestClient(url));

        assertThat(data.builds()).isEqualTo(builds);
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUED,,, Pending, Pending",
        "QUEUED, BUILD,, Pending, Pending",
        "QUEUED, PUSH, sha256:1, Completed, Pending",
        "RUNNING,,, In Progress, Pending",
        "RUNNING, UNPACK,, In Progress, Pending",
        "RUNNING, PULL,, In Progress, Pending",
        "RUNNING, BUILD,, In Progress, Pending",
        "RUNNING, TAG,, Completed, In Progress",
        "RUNNING, LOGIN,, Completed, In Progress",
        "RUNNING, PUSH, sha256:1, Completed, In Progress",
        "SUCCEEDED, PUSH, sha256:1, Completed, Completed"
    })
    void each_state_has_its_two_statuses(BuildStatus status, Step step, String imageId, String built, String pushed) {
        Build build = build(status, step, imageId);

        JsonObject answer = BuildPushAnswer.status(build);

        assertThat(answer)
                .isEqualTo(new JsonObject()
                        .put("status", 200)
                        .put(
                                "build_status",
                                new JsonObject()
                                        .put("build_id", build.id.toString())
                                        .put("build_status", built)
                                        .put("push_status", pushed)));
    }

    @Test
    void a_cancelled_build_has_failed_with_that_reason() {
        Build build = build(BuildStatus.CANCELLED, Step.PUSH, "sha256:1");
        build.errorCode = ErrorCode.CANCELLED.slug();
        build.errorDetail = "the build was cancelled while it ran";

        JsonObject status = BuildPushAnswer.status(build).getJsonObject("build_status");

        assertThat(status.getString("build_status")).isEqualTo("Failed");
        assertThat(status.getString("push_status")).isEqualTo("Failed");
        assertThat(status.getString("Build Fail Reason")).isEqualTo("cancelled");
        assertThat(status.getString("Push Fail Reason")).isEqualTo("cancelled");
    }

    private static Build build(BuildStatus status, Step step, String imageId) {
        Build build = new Build();
        build.id = UUID.randomUUID();
        build.status = status;
        build.step = step;
        build.imageId = imageId;
        return build;
    }
}
