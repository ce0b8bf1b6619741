package dev.slipway.docs;

import static dev.slipway.TestClient.BUILDS;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.QueueOnly;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import dev.slipway.build.BuildOutcome;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.Step;
import dev.slipway.error.ErrorCode;
import dev.slipway.source.Tar;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is documented and needs no worker is given; how builds end, this test says in the workers' place. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class AnswersTest extends ApiFixture {
    static final Scenarios<AnswersTest> SCENARIOS = new Scenarios<>();

    private static final String[] PICTURES_ONLY = {"Accept", "image/png"};
    private static final String EVENTS = "text/event-stream";
    private static final String ELSEWHERE = BUILDS + "/999999999";

    @Inject
    BuildQueue queue;

    static {
        for (Door door : Door.values()) {
            addRefusals(door);
        }
        addAboutBuilds();
        addRetries();
        addNotAcceptable();
        addBroken();
        addUploads();
        addService();
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

    private static void addRefusals(Door door) {
        refusal(door, "400 request-invalid", new TestForm());
        refusal(door, "400 archive-corrupt", door.form("no archive".repeat(100).getBytes(StandardCharsets.UTF_8)));
        refusal(
                door,
                "400 archive-trailing-data",
                door.form(tar().raw(new byte[1024])
                        .raw("and more".repeat(200).getBytes(StandardCharsets.UTF_8))
                        .bytes()));
        refusal(door, "422 image-name-invalid", door.form("Upper", tar().end()));
        refusal(
                door,
                "422 dockerfile-missing",
                door.form(new Tar().file("readme", "").end()));
        refusal(
                door,
                "422 dockerfile-policy",
                door.form(new Tar().file("Dockerfile", "FROM oci:/etc\n").end()));
        refusal(
                door,
                "422 archive-path-escape",
                door.form(tar().file("../out", "").end()));
        refusal(
                door,
                "422 archive-link-escape",
                door.form(tar().symlink("link", "/tmp").file("link/file", "").end()));
        refusal(
                door,
                "422 archive-entry-name",
                door.form(tar().file("bell\u0007", "").end()));
        refusal(
                door,
                "422 archive-entry-type",
                door.form(tar().entry(Tar.header("pipe", '6')).end()));
        refusal(
                door,
                "422 archive-duplicate-entry",
                door.form(tar().directory("twice/").file("twice", "").end()));
        SCENARIOS
                .add(door.answers("415 unsupported-media-type"), test -> test.client
                        .post(
                                door.path(),
                                "image=a".getBytes(StandardCharsets.UTF_8),
                                "Content-Type",
                                "application/x-www-form-urlencoded")
                        .exchange())
                .add(door.answers("422 idempotency-key-reused"), test -> {
                    String key = UUID.randomUUID().toString();
                    test.client.post(BUILDS, Door.API.goodForm(), "Idempotency-Key", key);
                    return test.client
                            .post(door.path(), door.form("example.com/other", tar().end()), "Idempotency-Key", key)
                            .exchange();
                })
                .add(
                        door.answers("409 build-state-conflict"),
                        test -> Amiss.withLostKey(test.data, () -> test.client
                                .post(door.path(), door.goodForm(), "Idempotency-Key", "lost")
                                .exchange()));
    }

    private static Tar tar() {
        return new Tar().file("Dockerfile", "FROM scratch\n");
    }

    private static void refusal(Door door, String answer, TestForm form) {
        SCENARIOS.add(
                door.answers(answer),
                test -> test.client.post(door.path(), form).exchange());
    }

    private static void addAboutBuilds() {
        SCENARIOS
                .add("createBuild 414", test -> test.client
                        .post(BUILDS + "?image=" + "x".repeat(10_000))
                        .exchange())
                .add("createBuild 422 url-forbidden", test -> test.client
                        .post(
                                BUILDS,
                                new TestForm().field("image", "example.com/app").field("tar_url", "http://127.0.0.1/x"))
                        .exchange())
                .add("createBuild 202 application/json", test -> test.submit().exchange())
                .add("createBuild 200 application/json", test -> {
                    var waiting = test.client.sendAsync(
                            "POST",
                            BUILDS,
                            Door.API.goodForm().body(),
                            "Content-Type",
                            TestForm.type(),
                            "Prefer",
                            "wait=50");
                    test.end(failed(ErrorCode.BUILD_FAILED, Step.BUILD));
                    return waiting.join().exchange();
                })
                .add("listBuilds 200 application/json", test -> {
                    test.submit();
                    return test.client.get(BUILDS + "?limit=10").exchange();
                })
                .add(
                        "listBuilds 400 request-invalid",
                        test -> test.client.get(BUILDS + "?limit=many").exchange())
                .add(
                        "listBuilds 422 image-name-invalid",
                        test -> test.client.get(BUILDS + "?image=Upper").exchange())
                .add(
                        "getBuild 200 application/json",
                        test -> test.client.get(test.submitted()).exchange())
                .add("getBuild 304", test -> {
                    String build = test.submitted();
                    String tag = test.client.get(build).header("ETag");
                    return test.client.get(build, "If-None-Match", tag).exchange();
                })
                .add(
                        "getBuild 404 not-found",
                        test -> test.client.get(ELSEWHERE).exchange())
                .add("deleteBuild 204", test -> test.delete(test.submitted()))
                .add("deleteBuild 404 not-found", test -> test.delete(ELSEWHERE))
                .add("deleteBuild 409 build-state-conflict", test -> test.delete(test.running()))
                .add(
                        "getBuildLogs 200 text/plain",
                        test -> test.client.get(test.submitted() + "/logs").exchange())
                .add("getBuildLogs 200 application/x-ndjson", test -> test.log(test.failed(), "application/x-ndjson"))
                .add("getBuildLogs 200 text/event-stream", test -> test.log(test.failed(), EVENTS))
                .add("getBuildLogs 204", test -> {
                    String build = test.failed();
                    String end = test.log(build, EVENTS).events().getLast().id();
                    return test.client
                            .get(build + "/logs", "Accept", EVENTS, "Last-Event-ID", end)
                            .exchange();
                })
                .add("getBuildLogs 400 request-invalid", test -> test.client
                        .get(test.submitted() + "/logs?after=all")
                        .exchange())
                .add(
                        "getBuildLogs 404 not-found",
                        test -> test.client.get(ELSEWHERE + "/logs").exchange())
                .add(
                        "cancelBuild 202 application/json",
                        test -> test.client.post(test.running() + "/cancel").exchange())
                .add(
                        "cancelBuild 404 not-found",
                        test -> test.client.post(ELSEWHERE + "/cancel").exchange())
                .add(
                        "cancelBuild 409 build-state-conflict",
                        test -> test.client.post(test.failed() + "/cancel").exchange());
    }

    private static void addRetries() {
        SCENARIOS
                .add("retryBuild 202 application/json", test -> test.retry(test.failed()))
                .add("retryBuild 400 request-invalid", test -> test.client
                        .post(ELSEWHERE + "/retry", "no JSON".getBytes(StandardCharsets.UTF_8))
                        .exchange())
                .add("retryBuild 404 not-found", test -> test.retry(ELSEWHERE))
                .add("retryBuild 409 build-state-conflict", test -> test.retry(test.running()))
                .add("retryBuild 409 credentials-required", test -> {
                    String build = test.client
                            .post(
                                    BUILDS,
                                    Door.API.goodForm().field("username", "u").field("password", "p"))
                            .header("Location");
                    test.end(failed(ErrorCode.PUSH_FAILED, Step.PUSH));
                    return test.retry(build);
                })
                .add("retryBuild 410 source-gone", test -> {
                    String build = test.failed();
                    Files.delete(test.data
                            .source(build.substring(BUILDS.length() + 1))
                            .resolve("source"));
                    return test.retry(build);
                })
                .add("retryBuild 413 request-too-large", test -> test.client
                        .post(ELSEWHERE + "/retry", new byte[100_000])
                        .exchange());
    }

    private static void addNotAcceptable() {
        String some = BUILDS + "/1";
        SCENARIOS
                .add("createBuild 406 not-acceptable", test -> test.client
                        .post(BUILDS, Door.API.goodForm(), PICTURES_ONLY)
                        .exchange())
                .add("listBuilds 406 not-acceptable", test -> test.asPicture("GET", BUILDS))
                .add("getBuild 406 not-acceptable", test -> test.asPicture("GET", some))
                .add("deleteBuild 406 not-acceptable", test -> test.asPicture("DELETE", some))
                .add("getBuildLogs 406 not-acceptable", test -> test.asPicture("GET", some + "/logs"))
                .add("cancelBuild 406 not-acceptable", test -> test.asPicture("POST", some + "/cancel"))
                .add("retryBuild 406 not-acceptable", test -> test.asPicture("POST", some + "/retry"))
                .add("getProblem 406 not-acceptable", test -> test.asPicture("GET", "/problems/internal"));
    }

    private static void addBroken() {
        for (Door door : Door.values()) {
            SCENARIOS.add(
                    door.answers("500 internal"),
                    test -> Amiss.withoutTable(
                            test.data,
                            () -> test.client.post(door.path(), door.goodForm()).exchange()));
        }
        Map.of(
                        "listBuilds", "GET " + BUILDS,
                        "getBuild", "GET " + BUILDS + "/1",
                        "deleteBuild", "DELETE " + BUILDS + "/1",
                        "getBuildLogs", "GET " + BUILDS + "/1/logs",
                        "cancelBuild", "POST " + BUILDS + "/1/cancel",
                        "retryBuild", "POST " + BUILDS + "/1/retry")
                .forEach((operation, line) -> SCENARIOS.add(
                        operation + " 500 internal",
                        test -> Amiss.withoutTable(test.data, () -> test.client
                                .send(line.split(" ")[0], line.split(" ")[1], new byte[0])
                                .exchange())));
    }

    private static void addUploads() {
        SCENARIOS.add("buildForm 202 application/json", test -> test.client
                .post("/build", Door.UPLOAD.goodForm(), "Prefer", "respond-async")
                .exchange());
        Map.of(
                        ErrorCode.UNPACK_FAILED, Step.UNPACK,
                        ErrorCode.TAG_FAILED, Step.TAG,
                        ErrorCode.WORKER_CRASHED, Step.BUILD,
                        ErrorCode.STORAGE_FULL, Step.BUILD)
                .forEach((code, step) ->
                        SCENARIOS.add("buildForm 500 " + code.slug(), test -> test.uploadThatEnds(failed(code, step))));
        SCENARIOS
                .add("buildForm 504 timed-out", test -> test.uploadThatEnds(failed(ErrorCode.TIMED_OUT, Step.BUILD)))
                .add(
                        "buildForm 502 login-failed",
                        test -> test.uploadThatEnds(failed(ErrorCode.LOGIN_FAILED, Step.LOGIN)));
    }

    private static void addService() {
        SCENARIOS
                .add(
                        "getProblem 200 text/plain",
                        test -> test.client.get("/problems/archive-corrupt").exchange())
                .add(
                        "getProblem 404 not-found",
                        test -> test.client.get("/problems/none").exchange())
                .add(
                        "isAlive 200 application/json",
                        test -> test.client.get("/q/health/live").exchange())
                .add(
                        "getDescription 200 application/json",
                        test -> test.client.get("/openapi.json").exchange())
                .add(
                        "readDescription 200 text/html",
                        test -> test.client.get("/docs/").exchange())
                .add("readDescription 302", test -> test.client.get("/docs").exchange());
    }

    private static BuildOutcome failed(ErrorCode code, Step step) {
        return new BuildOutcome.Failed(
                code, "tried to build but this is a test", Optional.of(step), Optional.empty(), Optional.empty());
    }

    private Answer submit() {
        return client.post(
                BUILDS, Door.API.form(TestSource.holding("documented").tar()));
    }

    private String submitted() {
        return submit().header("Location");
    }

    private String running() {
        String build = submitted();
        claim();
        return build;
    }

    private String failed() {
        String build = submitted();
        end(failed(ErrorCode.BUILD_FAILED, Step.BUILD));
        return build;
    }

    private ClaimedBuild claim() {
        return await().until(() -> queue.claim("documentation"), Optional::isPresent)
                .orElseThrow();
    }

    private void end(BuildOutcome outcome) {
        queue.finish(claim().claim(), outcome);
    }

    private Exchange uploadThatEnds(BuildOutcome outcome) {
        var waiting =
                client.sendAsync("POST", "/build", Door.UPLOAD.goodForm().body(), "Content-Type", TestForm.type());
        end(outcome);
        return waiting.join().exchange();
    }

    private Exchange log(String build, String type) {
        return client.get(build + "/logs", "Accept", type).exchange();
    }

    private Exchange delete(String build) {
        return client.send("DELETE", build, new byte[0]).exchange();
    }

    private Exchange retry(String build) {
        return client.post(build + "/retry").exchange();
    }

    private Exchange asPicture(String method, String path) {
        return client.send(method, path, new byte[0], PICTURES_ONLY).exchange();
    }
}
