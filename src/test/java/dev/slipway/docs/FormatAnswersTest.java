package dev.slipway.docs;

import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.build.BuildOutcome;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.Step;
import dev.slipway.error.ErrorCode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is documented of the formats that are not our own, and needs no worker, is given. */
@QuarkusTest
@TestProfile(AtHome.class)
@Timeout(60)
class FormatAnswersTest extends ApiFixture {
    static final Scenarios<FormatAnswersTest> SCENARIOS = new Scenarios<>();

    private static final String COLLECTION = "/api/dockerfile-build";
    private static final String JSON = "application/json";

    @Inject
    BuildQueue queue;

    static {
        addBuildPush();
        addJobs();
        addDockerfileBuilds();
        addTasks();
        for (Call call : Call.values()) {
            addCommon(call);
        }
    }

    static Set<String> names() {
        return SCENARIOS.names();
    }

    @BeforeEach
    void empty() {
        data.run("delete from build");
    }

    @ParameterizedTest
    @MethodSource("names")
    void it_is_given(String name) throws Exception {
        SCENARIOS.provoke(name, this, url);
    }

    /** What every operation has; those of tasks give JSON whatever a client accepts. */
    private static void addCommon(Call call) {
        SCENARIOS.add(
                call.answers("500 " + JSON),
                test -> Amiss.withoutTable(
                        test.data, () -> call.send(test.client).exchange()));
        if (call != Call.TASK && call != Call.TASK_STATUS) {
            SCENARIOS.add(call.answers("406 " + JSON), test -> call.send(test.client, "Accept", "image/png")
                    .exchange());
        }
    }

    private static void addBuildPush() {
        SCENARIOS
                .add(
                        "startBuildPush 200 application/json BuildPushStarted",
                        test -> Call.BUILD_PUSH.send(test.client).exchange())
                .add(
                        "startBuildPush 200 application/json BuildPushFormRefused",
                        test -> test.client.post("/build-push", new TestForm()).exchange())
                .add("startBuildPush 415 application/json", test -> test.client
                        .post("/build-push", new JsonObject())
                        .exchange())
                .add(
                        "getBuildPushStatus 200 application/json BuildPushStatus",
                        test -> test.get("/build-push-status?build_id=" + test.failed()))
                .add(
                        "getBuildPushStatus 200 application/json BuildPushRefused",
                        test -> Call.BUILD_PUSH_STATUS.send(test.client).exchange())
                .add(
                        "retryBuildPush 200 application/json BuildPushRestarted",
                        test -> test.get("/retry-build?build_id=" + test.failed()))
                .add(
                        "retryBuildPush 200 application/json BuildPushRetryRefused",
                        test -> Call.BUILD_PUSH_RETRY.send(test.client).exchange());
    }

    private static void addJobs() {
        SCENARIOS
                .add(
                        "startJob 200 application/json",
                        test -> Call.JOB.send(test.client).exchange())
                .add("startJob 400 application/json", test -> test.client
                        .post("/api/v1/build", new JsonObject())
                        .exchange())
                .add("startJob 422 application/json", test -> test.client
                        .post("/api/v1/build", Call.JOB.form("FROM oci:/etc\n"))
                        .exchange())
                .add("getJobStatus 200 application/json", test -> test.get("/api/v1/" + test.failed() + "/status"))
                .add(
                        "getJobStatus 404 application/json",
                        test -> Call.JOB_STATUS.send(test.client).exchange())
                .add("getJobLogs 200 application/json", test -> test.get("/api/v1/" + test.failed() + "/logs"))
                .add(
                        "getJobLogs 404 application/json",
                        test -> Call.JOB_LOGS.send(test.client).exchange());
    }

    private static void addDockerfileBuilds() {
        SCENARIOS
                .add(
                        "createDockerfileBuild 202 application/json",
                        test -> Call.DOCKERFILE_BUILD.send(test.client).exchange())
                .add(
                        "createDockerfileBuild 400 application/json DockerfileBuildFormRefused",
                        test -> test.client.post(COLLECTION, new TestForm()).exchange())
                .add(
                        "createDockerfileBuild 400 application/json DockerfileBuildMessage",
                        test -> test.client.post(COLLECTION, new JsonObject()).exchange())
                .add("createDockerfileBuild 413 application/json", test -> test.client
                        .post(COLLECTION, Call.DOCKERFILE_BUILD.form("FROM scratch\n" + "#".repeat(3 << 20)))
                        .exchange())
                .add(
                        "getDockerfileBuilds 200 application/json DockerfileBuildOne",
                        test -> test.get(COLLECTION + "?dockerfile_build_id=" + test.number()))
                .add("getDockerfileBuilds 200 application/json DockerfileBuildList", test -> {
                    test.number();
                    return test.get(COLLECTION);
                })
                .add(
                        "getDockerfileBuilds 400 application/json",
                        test -> test.get(COLLECTION + "?dockerfile_build_id=1&dockerfile_build_id=2"))
                .add(
                        "getDockerfileBuilds 404 application/json",
                        test -> test.get(COLLECTION + "?dockerfile_build_id=none"))
                .add("deleteDockerfileBuild 200 application/json", test -> test.delete(test.number()))
                .add("deleteDockerfileBuild 400 application/json", test -> test.delete("none"));
    }

    private static void addTasks() {
        SCENARIOS
                .add(
                        "buildForm 200 application/json TaskAccepted",
                        test -> Call.TASK.send(test.client).exchange())
                .add("buildForm 400 application/json", test -> test.client
                        .post(
                                Call.TASK.path(),
                                "--x".getBytes(StandardCharsets.UTF_8),
                                "Content-Type",
                                "multipart/form-data; boundary=x")
                        .exchange())
                .add(
                        "buildForm 409 application/json",
                        test -> Amiss.withLostKey(test.data, () -> Call.TASK
                                .send(test.client, "Idempotency-Key", "lost")
                                .exchange()))
                .add("buildForm 422 application/json", test -> test.client
                        .post(Call.TASK.path(), new TestForm())
                        .exchange())
                .add("getTask 200 application/json TaskProcessing", test -> test.get("/status/" + test.queued()))
                .add("getTask 200 application/json TaskFailed", test -> test.get("/status/" + test.failed()))
                .add(
                        "getTask 404 application/json",
                        test -> Call.TASK_STATUS.send(test.client).exchange());
    }

    private Exchange get(String path) {
        return client.get(path).exchange();
    }

    private Exchange delete(String id) {
        return client.send("DELETE", COLLECTION + "?dockerfile_build_id=" + id, new byte[0])
                .exchange();
    }

    private String queued() {
        return Call.TASK.send(client).json(200).getString("task_id");
    }

    /** A build that failed, which all formats but the collection tell by its id. */
    private String failed() {
        String id = queued();
        ClaimedBuild claimed = await().until(() -> queue.claim("documentation"), Optional::isPresent)
                .orElseThrow();
        queue.finish(
                claimed.claim(),
                new BuildOutcome.Failed(
                        ErrorCode.BUILD_FAILED,
                        "tried to build but this is a test",
                        Optional.of(Step.BUILD),
                        Optional.empty(),
                        Optional.empty()));
        return id;
    }

    /** The number of a build of the collection. */
    private String number() {
        Answer created = Call.DOCKERFILE_BUILD.send(client);
        return created.json(202).getJsonObject("data").getInteger("id").toString();
    }
}
