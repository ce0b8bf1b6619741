package dev.slipway.docs;

import dev.slipway.TestClient;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** The operations of the formats that are not our own, each with a request that is fine. */
enum Call {
    TASK("buildForm", "POST", "/build?user_name=team&repo=app"),
    BUILD_PUSH("startBuildPush", "POST", "/build-push"),
    JOB("startJob", "POST", "/api/v1/build"),
    DOCKERFILE_BUILD("createDockerfileBuild", "POST", "/api/dockerfile-build/"),
    BUILD_PUSH_STATUS("getBuildPushStatus", "GET", "/build-push-status?build_id=" + Call.NONE),
    BUILD_PUSH_RETRY("retryBuildPush", "GET", "/retry-build?build_id=" + Call.NONE),
    JOB_STATUS("getJobStatus", "GET", "/api/v1/" + Call.NONE + "/status"),
    JOB_LOGS("getJobLogs", "GET", "/api/v1/" + Call.NONE + "/logs"),
    DOCKERFILE_BUILDS("getDockerfileBuilds", "GET", "/api/dockerfile-build"),
    DOCKERFILE_BUILD_DELETION("deleteDockerfileBuild", "DELETE", "/api/dockerfile-build?dockerfile_build_id=1"),
    TASK_STATUS("getTask", "GET", "/status/" + Call.NONE);

    /** The id of no build. */
    static final String NONE = "0191e0f0-0000-7000-8000-000000000000";

    private final String operation;
    private final String method;
    private final String path;

    Call(String operation, String method, String path) {
        this.operation = operation;
        this.method = method;
        this.path = path;
    }

    /** Those through which a source comes in. */
    static Stream<Call> doors() {
        return Stream.of(values()).filter(Call::isDoor);
    }

    private boolean isDoor() {
        return method.equals("POST");
    }

    String path() {
        return path;
    }

    /** The name of an answer of this operation. */
    String answers(String rest) {
        return operation + " " + rest;
    }

    /** The request. */
    TestClient.Answer send(TestClient client, String... headers) {
        return isDoor() ? client.post(path, form(), headers) : client.send(method, path, new byte[0], headers);
    }

    /** What it sends, if it is a door. */
    TestForm form() {
        return form("FROM scratch\nLABEL documented=yes\n");
    }

    /** The same with another Dockerfile. */
    TestForm form(String dockerfile) {
        byte[] text = dockerfile.getBytes(StandardCharsets.UTF_8);
        return switch (this) {
            case TASK -> new TestForm().file("dockerfile", "Dockerfile", text);
            case BUILD_PUSH ->
                new TestForm()
                        .field("image_name", "documented")
                        .field("image_tag", "v1")
                        .file("file", "Dockerfile", text);
            case JOB ->
                new TestForm()
                        .file("Json", "build.json", "{\"image_name\":\"documented\"}".getBytes(StandardCharsets.UTF_8))
                        .file(
                                "TarFile",
                                "source.tar",
                                new TestSource().file("Dockerfile", dockerfile).tar());
            case DOCKERFILE_BUILD ->
                new TestForm().field("username", "documented").file("file", "Dockerfile", text);
            default -> throw new IllegalStateException(this + " sends no form");
        };
    }
}
