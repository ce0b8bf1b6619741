package dev.slipway.facade.upload;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestData;
import dev.slipway.TestForm;
import dev.slipway.TestRegistry;
import dev.slipway.TestSource;
import dev.slipway.build.Build;
import dev.slipway.build.BuildStatus;
import dev.slipway.build.BuildTarget;
import dev.slipway.build.BuildView;
import dev.slipway.build.Step;
import dev.slipway.error.ErrorCode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wire format A, sentence by sentence. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class UploadTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TestHTTPResource
    URI url;

    @Inject
    TestData data;

    TestRegistry registry;
    private TestClient client;

    @BeforeEach
    void connect() {
        client = new TestClient(url);
    }

    @AfterEach
    void the_directory_is_cleaned_up() {
        data.awaitEmptyWork();
    }

    private Answer build(String image, TestSource source, String... headers) {
        return client.post("/build", new TestForm().field("image_name", image).source(source), headers);
    }

    private JsonObject located(Answer answer) {
        return client.get(answer.header("Location")).json(200);
    }

    private static JsonObject failed(Answer answer, int status, String slug, String step) {
        JsonObject problem = answer.problem(status, slug);
        assertThat(problem.getString("step")).isEqualTo(step);
        assertThat(answer.header("Location")).startsWith(BUILDS + "/");
        return problem;
    }

    @Test
    void it_answers_when_the_image_is_pushed_under_its_tag_and_latest() throws Exception {
        Answer answer = client.post(
                "/build",
                new TestForm()
                        .file(
                                "file",
                                "source.tgz",
                                TestSource.running("RUN echo seed").tgz())
                        .field("image_name", "seed:v1"));

        JsonObject body = answer.json(200);
        assertThat(body.fieldNames()).containsExactlyInAnyOrder("message", "id", "image", "digest");
        String image = registry.host() + "/demo/seed:v1";
        assertThat(body.getString("image")).isEqualTo(image);
        assertThat(body.getString("message")).contains(image);
        assertThat(body.getString("digest"))
                .startsWith("sha256:")
                .isEqualTo(registry.digest("demo/seed", "v1"))
                .isEqualTo(registry.digest("demo/seed", "latest"));
        assertThat(answer.header("Location")).isEqualTo(BUILDS + "/" + body.getString("id"));
        JsonObject build = located(answer);
        assertThat(build.getString("status")).isEqualTo("SUCCEEDED");
        assertThat(TestClient.steps(build, 1)).containsExactly("UNPACK", "BUILD", "TAG", "LOGIN", "PUSH", "PUSH");
        assertThat(client.log(body.getString("id"))).contains("seed\n");
    }

    @Test
    void a_name_without_a_tag_is_pushed_once() {
        Answer answer = build("untagged", TestSource.holding("untagged"));
        answer.json(200);
        assertThat(TestClient.targets(located(answer))).hasSize(1);
    }

    @Test
    void a_build_that_fails_is_a_422_with_its_step_and_reason() {
        Answer answer = build("bad", TestSource.running("RUN echo 'the reason'; exit 3"));

        JsonObject problem = failed(answer, 422, "build-failed", "BUILD");
        assertThat(problem.getString("detail")).contains("exit code 3").contains("the reason");
        assertThat(client.log(located(answer).getString("id"))).contains("the reason\n");
    }

    @Test
    void what_registries_do_not_give_or_take_is_a_502() throws Exception {
        TestSource noBase = new TestSource().file("Dockerfile", "FROM " + registry.host() + "/demo/nothing:1\n");
        failed(build("nobase", noBase), 502, "pull-failed", "PULL");
        failed(build("127.0.0.1:1/a/b:latest", TestSource.holding("nowhere")), 502, "push-failed", "PUSH");
        registry.down();
        try {
            failed(build("down", TestSource.holding("down")), 502, "login-failed", "LOGIN");
        } finally {
            registry.up();
        }
    }

    @Test
    void a_cancelled_build_is_a_500_that_says_so() {
        var waiting = client.sendAsync(
                "POST",
                "/build",
                new TestForm()
                        .field("image_name", "stopped")
                        .source(TestSource.running("RUN /bin/busybox sleep 73001"))
                        .body(),
                "Content-Type",
                TestForm.type());
        client.post(BUILDS + "/" + running("stopped") + "/cancel").json(202);

        assertThat(waiting.join().problem(500, "cancelled").getString("detail")).contains("cancelled");
    }

    private String running(String image) {
        String query = BUILDS + "?status=RUNNING&image=" + registry.host() + "/demo/" + image;
        var items = await().atMost(SOON)
                .until(() -> client.get(query).json(200).getJsonArray("items"), found -> !found.isEmpty());
        return items.getJsonObject(0).getString("id");
    }

    @ParameterizedTest
    @CsvSource({"TIMED_OUT, 504", "FETCH_FAILED, 502", "STORAGE_FULL, 500", "WORKER_CRASHED, 500", "TAG_FAILED, 500"})
    void what_else_may_end_a_build_has_its_status(ErrorCode code, int status) {
        Build build = new Build();
        build.id = UUID.randomUUID();
        build.status = BuildStatus.FAILED;
        build.errorCode = code.slug();
        build.errorDetail = "tried to build but this is a test";
        build.errorStep = Step.BUILD;
        BuildTarget target = new BuildTarget();

        Response response =
                UploadAnswer.of(new BuildView(build, List.of(target), List.of(), OptionalLong.empty()), false);

        assertThat(response.getStatus()).isEqualTo(status);
        assertThat(response.getHeaderString("Location")).isEqualTo(BUILDS + "/" + build.id);
        JsonObject problem = new JsonObject((String) response.getEntity());
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("type")).isEqualTo("/problems/" + code.slug());
        assertThat(problem.getString("step")).isEqualTo("BUILD");
    }

    @Test
    void who_prefers_it_is_answered_at_once() {
        Answer answer = build("async", TestSource.holding("async"), "Prefer", "respond-async");

        JsonObject body = answer.json(202);
        assertThat(answer.header("Preference-Applied")).isEqualTo("respond-async");
        assertThat(body.fieldNames()).containsExactlyInAnyOrder("message", "id", "image", "digest");
        client.ended(answer.header("Location").substring(BUILDS.length() + 1), "SUCCEEDED");
    }

    @Test
    void a_client_that_goes_away_does_not_stop_the_build() throws Exception {
        byte[] body = new TestForm()
                .field("image_name", "left")
                .source(TestSource.running("RUN /bin/busybox sleep 2"))
                .body();
        String id;
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            String head = "POST /build HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + TestForm.type()
                    + "\r\nContent-Length: " + body.length + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            id = running("left");
        }

        client.ended(id, "SUCCEEDED");
    }

    @Test
    void what_intake_refuses_leaves_nothing() throws IOException {
        long builds = data.builds();
        Set<String> sources = data.sources();
        byte[] tar = TestSource.holding("x").tar();

        refused(new TestForm().file("file", "f", tar), 400, "request-invalid", "`image_name`");
        refused(new TestForm().field("image_name", "a"), 400, "request-invalid", "`file`");
        refused(
                new TestForm().field("image_name", "a").field("image_name", "b").file("file", "f", tar),
                400,
                "request-invalid",
                "`image_name`");
        refused(
                new TestForm().field("image_name", "a").file("file", "f", tar).field("x", "y"),
                400,
                "request-invalid",
                "");
        refused(new TestForm().field("image_name", "a").file("file", "f", new byte[9]), 400, "archive-corrupt", "");
        refused(new TestForm().field("image_name", "-a").file("file", "f", tar), 422, "image-name-invalid", "-a");
        refused(
                new TestForm().field("image_name", "a").source(new TestSource().file("x", "y")),
                422,
                "dockerfile-missing",
                "");
        client.post("/build", tar, "Content-Type", "application/x-tar").problem(415, "unsupported-media-type");
        client.post("/build", tar).problem(415, "unsupported-media-type");

        assertThat(data.builds()).isEqualTo(builds);
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    private void refused(TestForm form, int status, String slug, String named) {
        assertThat(client.post("/build", form).problem(status, slug).getString("detail"))
                .contains(named);
    }

    @Test
    void a_request_with_a_known_key_finds_its_build_and_makes_no_other() throws IOException {
        TestSource source = TestSource.holding("idempotent");
        Set<String> before = data.sources();
        String key = UUID.randomUUID().toString();
        Answer first = build("keyed", source, "Idempotency-Key", key);
        Answer again = build("keyed", source, "Idempotency-Key", key);

        assertThat(again.json(200)).isEqualTo(first.json(200));
        assertThat(again.header("Location")).isEqualTo(first.header("Location"));
        build("keyed-otherwise", source, "Idempotency-Key", key).problem(422, "idempotency-key-reused");
        build("keyed", source, "Idempotency-Key", "with a blank").problem(400, "request-invalid");
        assertThat(data.sources()).hasSize(before.size() + 1);
    }
}
