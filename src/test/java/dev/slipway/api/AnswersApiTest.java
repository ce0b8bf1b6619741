package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ApiFixture;
import dev.slipway.QueueOnly;
import dev.slipway.TestClient.Answer;
import dev.slipway.build.BuildOutcome;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.Step;
import dev.slipway.build.TargetStatus;
import dev.slipway.error.ErrorCode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole of what a build looks like in each state, member by member, and the pages of a list that grows. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class AnswersApiTest extends ApiFixture {
    private static final String ONE = "registry.invalid/a/b:1";
    private static final String TWO = "registry.invalid/a/b:latest";
    private static final String DIGEST = "sha256:" + "1".repeat(64);

    @Inject
    BuildQueue queue;

    @BeforeEach
    void empty() {
        data.run("delete from build");
    }

    private JsonObject submit(String... images) {
        JsonObject document = new JsonObject()
                .put("images", JsonArray.of((Object[]) images))
                .put("dockerfile", "FROM scratch\nLABEL a=b\n");
        Answer answer = client.post(BUILDS, document);
        JsonObject build = answer.json(202);
        assertThat(answer.header("Location")).isEqualTo(BUILDS + "/" + build.getString("id"));
        return build;
    }

    /** What it is in the queue; each test says what is different then. */
    private static JsonObject queued(JsonObject build) {
        String self = BUILDS + "/" + build.getString("id");
        return new JsonObject()
                .put("id", build.getString("id"))
                .put("number", build.getLong("number"))
                .put("status", "QUEUED")
                .putNull("step")
                .put("cancelRequested", false)
                .put("images", JsonArray.of(ONE, TWO))
                .put("targets", JsonArray.of(target(ONE, "pending", null, null), target(TWO, "pending", null, null)))
                .putNull("imageId")
                .putNull("digest")
                .put("attempt", 0)
                .put("source", build.getJsonObject("source"))
                .put("queuePosition", 1)
                .put("createdAt", build.getString("createdAt"))
                .putNull("startedAt")
                .putNull("finishedAt")
                .put("steps", new JsonArray())
                .putNull("error")
                .put(
                        "links",
                        new JsonObject()
                                .put("self", self)
                                .put("logs", self + "/logs")
                                .put("cancel", self + "/cancel")
                                .put("retry", self + "/retry"));
    }

    private static JsonObject target(String image, String status, String digest, String error) {
        return new JsonObject()
                .put("image", image)
                .put("status", status)
                .put("digest", digest)
                .put("error", error);
    }

    /** A step of the first attempt, with its times as they are shown once they are seen to be times. */
    private static JsonObject step(JsonObject build, int at, String name, String status) {
        JsonObject shown = build.getJsonArray("steps").getJsonObject(at);
        Instant started = Instant.parse(shown.getString("startedAt"));
        if (status.equals("running")) {
            assertThat(shown.getString("finishedAt")).isNull();
        } else {
            assertThat(Instant.parse(shown.getString("finishedAt"))).isAfterOrEqualTo(started);
        }
        return new JsonObject()
                .put("step", name)
                .put("attempt", 1)
                .put("status", status)
                .put("startedAt", shown.getString("startedAt"))
                .put("finishedAt", shown.getString("finishedAt"));
    }

    private JsonObject shown(JsonObject build) {
        return client.build(build.getString("id"));
    }

    private ClaimedBuild claimed(JsonObject build) {
        ClaimedBuild claimed = queue.claim("tester").orElseThrow();
        assertThat(claimed.claim().id()).hasToString(build.getString("id"));
        queue.beginStep(claimed.claim(), 0, Step.UNPACK);
        queue.endStep(claimed.claim(), 0, true);
        queue.beginStep(claimed.claim(), 1, Step.BUILD);
        return claimed;
    }

    @Test
    void a_queued_build_has_its_place_in_the_queue() {
        JsonObject first = submit(ONE, TWO);
        JsonObject second = submit(ONE, TWO);

        assertThat(first).isEqualTo(queued(first));
        assertThat(shown(first)).isEqualTo(first);
        assertThat(second).isEqualTo(queued(second).put("queuePosition", 2));
        assertThat(Instant.parse(second.getString("createdAt")))
                .isAfterOrEqualTo(Instant.parse(first.getString("createdAt")));
        assertThat(first.getJsonObject("source").getString("kind")).isEqualTo("dockerfile");
        assertThat(first.getJsonObject("source").getLong("size")).isPositive();
        assertThat(first.getJsonObject("source").getString("sha256")).matches("[0-9a-f]{64}");
        client.post(BUILDS + "/" + first.getString("id") + "/cancel").json(202);
        assertThat(shown(second).getInteger("queuePosition")).isEqualTo(1);
    }

    @Test
    void a_running_build_has_its_step_and_its_attempt() {
        JsonObject build = submit(ONE, TWO);
        claimed(build);

        JsonObject running = shown(build);
        JsonObject expected = queued(build)
                .put("status", "RUNNING")
                .put("step", "BUILD")
                .put("attempt", 1)
                .putNull("queuePosition")
                .put("startedAt", running.getString("startedAt"))
                .put(
                        "steps",
                        JsonArray.of(step(running, 0, "UNPACK", "succeeded"), step(running, 1, "BUILD", "running")));
        assertThat(running).isEqualTo(expected);
        assertThat(Instant.parse(running.getString("startedAt")))
                .isAfterOrEqualTo(Instant.parse(running.getString("createdAt")));
        JsonObject asked =
                client.post(BUILDS + "/" + build.getString("id") + "/cancel").json(202);
        assertThat(asked).isEqualTo(expected.put("cancelRequested", true));
    }

    @Test
    void a_build_that_succeeded_has_the_digests_of_its_targets() {
        JsonObject build = submit(ONE, TWO);
        ClaimedBuild claimed = claimed(build);
        queue.endStep(claimed.claim(), 1, true);
        queue.pushed(claimed.claim(), claimed.targets().get(0), DIGEST);
        queue.notPushed(claimed.claim(), claimed.targets().get(1), TargetStatus.SUPERSEDED, "a later build has it");
        queue.finish(claimed.claim(), new BuildOutcome.Succeeded("sha256:image"));

        JsonObject succeeded = shown(build);
        assertThat(succeeded)
                .isEqualTo(queued(build)
                        .put("status", "SUCCEEDED")
                        .put("step", "BUILD")
                        .put("attempt", 1)
                        .putNull("queuePosition")
                        .put(
                                "targets",
                                JsonArray.of(
                                        target(ONE, "pushed", DIGEST, null),
                                        target(TWO, "superseded", null, "a later build has it")))
                        .put("imageId", "sha256:image")
                        .put("digest", DIGEST)
                        .put("startedAt", succeeded.getString("startedAt"))
                        .put("finishedAt", succeeded.getString("finishedAt"))
                        .put(
                                "steps",
                                JsonArray.of(
                                        step(succeeded, 0, "UNPACK", "succeeded"),
                                        step(succeeded, 1, "BUILD", "succeeded"))));
        assertThat(Instant.parse(succeeded.getString("finishedAt")))
                .isAfterOrEqualTo(Instant.parse(succeeded.getString("startedAt")));
    }

    @Test
    void a_build_that_failed_has_its_error() {
        JsonObject build = submit(ONE, TWO);
        ClaimedBuild claimed = claimed(build);
        queue.notPushed(claimed.claim(), claimed.targets().get(0), TargetStatus.FAILED, "refused");
        queue.pushed(claimed.claim(), claimed.targets().get(1), DIGEST);
        queue.finish(
                claimed.claim(),
                new BuildOutcome.Failed(
                        ErrorCode.PUSH_FAILED,
                        "tried to push but not all",
                        Optional.of(Step.PUSH),
                        Optional.of(125),
                        Optional.empty()));

        JsonObject failed = shown(build);
        assertThat(failed)
                .isEqualTo(queued(build)
                        .put("status", "FAILED")
                        .put("step", "BUILD")
                        .put("attempt", 1)
                        .putNull("queuePosition")
                        .put(
                                "targets",
                                JsonArray.of(
                                        target(ONE, "failed", null, "refused"), target(TWO, "pushed", DIGEST, null)))
                        .put("startedAt", failed.getString("startedAt"))
                        .put("finishedAt", failed.getString("finishedAt"))
                        .put(
                                "steps",
                                JsonArray.of(
                                        step(failed, 0, "UNPACK", "succeeded"), step(failed, 1, "BUILD", "failed")))
                        .put(
                                "error",
                                new JsonObject()
                                        .put("type", "/problems/push-failed")
                                        .put("title", ErrorCode.PUSH_FAILED.title())
                                        .put("detail", "tried to push but not all")
                                        .put("step", "PUSH")
                                        .put("exitCode", 125)
                                        .put("retryable", true)));
    }

    @Test
    void pages_stay_as_they_are_while_builds_are_added() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.addFirst(submit(ONE).getString("id"));
        }
        List<String> seen = new ArrayList<>();
        String next = "";
        do {
            JsonObject page = client.get(BUILDS + "?limit=2" + next).json(200);
            seen.addAll(ids(page));
            next = page.getString("next") == null ? null : "&cursor=" + page.getString("next");
            submit(ONE);
        } while (next != null);

        assertThat(seen).isEqualTo(all);
    }

    @Test
    void filters_are_combined_and_the_last_page_has_no_next() {
        String cancelled = submit(ONE).getString("id");
        client.post(BUILDS + "/" + cancelled + "/cancel").json(202);
        submit("registry.invalid/a/b:other");
        submit("registry.invalid/a/bc:1");
        String queued = submit(ONE, TWO).getString("id");

        assertThat(list("status=queued&image=" + ONE)).containsExactly(queued);
        assertThat(list("status=CANCELLED&image=" + ONE)).containsExactly(cancelled);
        assertThat(list("image=registry.invalid/a/b")).hasSize(3).doesNotHaveDuplicates();
        assertThat(list("status=QUEUED&image=" + ONE + "&limit=1")).containsExactly(queued);
        assertThat(list("status=FAILED")).isEmpty();
        assertThat(list("limit=4")).hasSize(4);
        assertThat(list("cursor=1")).isEmpty();
    }

    /** A page that is the last one. */
    private List<String> list(String query) {
        JsonObject page = client.get(BUILDS + "?" + query).json(200);
        assertThat(page.fieldNames()).containsExactly("items", "next");
        assertThat(page.getValue("next")).as(query).isNull();
        return ids(page);
    }

    private static List<String> ids(JsonObject page) {
        return page.getJsonArray("items").stream()
                .map(item -> ((JsonObject) item).getString("id"))
                .toList();
    }
}
