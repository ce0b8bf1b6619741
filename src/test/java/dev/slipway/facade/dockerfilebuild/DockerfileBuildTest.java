package dev.slipway.facade.dockerfilebuild;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.Everything;
import dev.slipway.Processes;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestData;
import dev.slipway.TestForm;
import dev.slipway.TestRegistry;
import dev.slipway.TestSource;
import dev.slipway.Transcript;
import dev.slipway.build.Build;
import dev.slipway.build.BuildStatus;
import dev.slipway.build.Step;
import dev.slipway.error.ErrorCode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wire format D, as its clients see it and state by state. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class DockerfileBuildTest {
    private static final String PATH = "/api/dockerfile-build/";
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final DateTimeFormatter TAG =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);

    @TestHTTPResource
    URI url;

    @Inject
    TestData data;

    TestRegistry registry;
    private TestClient client;

    /** The lists hold what the test itself makes. */
    @BeforeEach
    void begin() {
        client = new TestClient(url);
        clean();
    }

    @AfterEach
    void clean() {
        data.run("delete from build where origin = 'dockerfile-build' and status <> 'RUNNING'");
    }

    private Map<String, String> replay(String name) {
        return Transcript.of("facade/dockerfilebuild/" + name)
                .with("registry", registry.host())
                .replay(client);
    }

    private static String at(Object number) {
        return PATH + "?dockerfile_build_id=" + number;
    }

    private static TestForm form(String dockerfile) {
        return new TestForm()
                .field("username", "demo")
                .file("file", "Dockerfile", dockerfile.getBytes(StandardCharsets.UTF_8));
    }

    private long submit(String dockerfile) {
        return client.post(PATH, form(dockerfile))
                .json(202)
                .getJsonObject("data")
                .getLong("id");
    }

    private Answer delete(Object number) {
        return client.send("DELETE", at(number), new byte[0]);
    }

    @Test
    void a_dockerfile_is_built_pushed_listed_and_deleted() throws Exception {
        String before = TAG.format(Instant.now());
        Map<String, String> known = replay("success.http");

        assertThat(known.get("tag")).isBetween(before, TAG.format(Instant.now()));
        assertThat(registry.digest("demo/golden-d.dockerfile", known.get("tag")))
                .isEqualTo(known.get("digest"));
        assertThat(Files.exists(data.source(known.get("build")))).isFalse();
    }

    @Test
    void what_fails_says_why_and_no_password() throws IOException {
        Map<String, String> known = replay("failure.http");

        long login = Long.parseLong(known.get("login"));
        assertThat(client.get(at(login)).body()).doesNotContain("Wr0ng", "for-something-else");
        assertThat(client.log(known.get("login"))).doesNotContain("Wr0ng", "for-something-else");
        assertThat(data.row("select origin_fields from build where number = $1", login)
                        .getString(0))
                .doesNotContain("Wr0ng", "for-something-else");
    }

    @Test
    void what_is_refused_leaves_nothing() throws IOException {
        long builds = data.builds();
        Set<String> sources = data.sources();

        replay("refused.http");
        refused(form("FROM scratch\n").field("docker_repo", "a/" + "b".repeat(300)), 400, "docker_repo");
        refused(form("FROM scratch\n").field("password", "x".repeat(70_000)), 413, "password");
        refused(form("FROM scratch\n").field("docker_username", "x".repeat(256)), 400, "docker_username");
        refused(form("FROM scratch\n#" + "x".repeat(1 << 20)), 400, "file");
        refused(
                new TestForm()
                        .field("username", "demo")
                        .file("file", "x".repeat(256), "FROM x".getBytes(StandardCharsets.UTF_8)),
                400,
                "file");
        JsonObject huge = client.post(PATH, form("x".repeat(3 << 20))).json(413);
        assertThat(huge.fieldNames()).containsExactly("message");

        assertThat(data.builds()).isEqualTo(builds);
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    private void refused(TestForm form, int status, String field) {
        JsonObject answer = client.post(PATH, form).json(status);

        assertThat(answer.getString("message")).isEqualTo("File is not valid");
        assertThat(answer.getJsonObject("errors").fieldNames()).containsExactly(field);
        assertThat(answer.getJsonObject("errors").getJsonArray(field).getString(0))
                .startsWith("tried to ");
    }

    @Test
    void a_user_with_a_dot_is_a_namespace_and_no_registry() {
        JsonObject build = client.post(
                        PATH,
                        new TestForm()
                                .field("username", "de.mo")
                                .file("file", "", "FROM scratch\nLABEL a=b\n".getBytes(StandardCharsets.UTF_8)))
                .json(202)
                .getJsonObject("data");

        assertThat(build.getString("docker_repo")).isEqualTo("de.mo/dockerfile");
        JsonObject ended = client.ended(build.getLong("id").toString(), "SUCCEEDED");
        assertThat(ended.getJsonArray("images").getString(0)).startsWith(registry.host() + "/de.mo/dockerfile:");
    }

    @Test
    void a_running_build_is_cancelled_and_then_all_of_it_is_gone() throws Exception {
        client.run(
                new TestForm().field("image", "golden-d-base:1").source(TestSource.running("LABEL base=d")),
                "SUCCEEDED");
        long number = submit("FROM " + registry.host() + "/demo/golden-d-base:1\nRUN /bin/busybox sleep 73001\n");
        String id = client.build(Long.toString(number)).getString("id");
        await().atMost(SOON).until(() -> Processes.any("/bin/busybox sleep 73001"));
        assertThat(Files.exists(data.source(id))).isTrue();

        assertThat(delete(number).json(200).getString("message")).endsWith("= " + number + ".");

        assertThat(Processes.any("/bin/busybox sleep 73001")).isFalse();
        assertThat(Files.exists(data.source(id))).isFalse();
        for (String table : Set.of("build_log", "build_step", "build_target")) {
            assertThat(data.row("select count(*) from " + table + " where build_id::text = $1", id)
                            .getLong(0))
                    .as(table)
                    .isZero();
        }
        client.get(BUILDS + "/" + id).problem(404, "not-found");
        client.get(at(number)).json(404);
        data.awaitEmptyWork();
    }

    @Test
    void a_cancelled_build_has_failed_with_that_reason() {
        client.run(
                new TestForm().field("image", "golden-d-base:2").source(TestSource.running("LABEL base=d")),
                "SUCCEEDED");
        long number = submit("FROM " + registry.host() + "/demo/golden-d-base:2\nRUN /bin/busybox sleep 73002\n");
        await().atMost(SOON).until(() -> Processes.any("/bin/busybox sleep 73002"));

        client.post(BUILDS + "/" + number + "/cancel").json(202);
        client.ended(Long.toString(number), "CANCELLED");

        assertThat(client.get(at(number)).json(200).getJsonObject("data").getString("status"))
                .isEqualTo("Error: cancelled");
    }

    @Test
    void a_build_of_another_form_can_be_read_but_is_not_listed_and_not_deleted() {
        String id =
                client.submit(new TestForm().field("image", "golden-d-other").source(TestSource.holding("other")));
        JsonObject build = client.ended(id, "SUCCEEDED");
        long number = build.getLong("number");

        assertThat(client.get(at(number)).json(200).getJsonObject("data"))
                .isEqualTo(new JsonObject()
                        .put("id", (int) number)
                        .putNull("username")
                        .putNull("docker_username")
                        .putNull("docker_repo")
                        .putNull("file")
                        .put("image_id", build.getString("imageId"))
                        .put("status", "Docker Image is successfully pushed to Docker Hub.")
                        .put("created_at", build.getString("createdAt")));
        assertThat(client.get(PATH).json(200).getJsonArray("data")).isEmpty();
        assertThat(delete(number).json(400).getString("message"))
                .isEqualTo("Missing 'dockerfile_build' in the Database with id = " + number + ".");
        client.build(id);
    }

    @Test
    void the_list_is_the_newest_thousand() {
        data.run("""
                insert into build (id, status, finished_at, error_code, source_kind, source_size, source_sha256, options,
                                   repository, origin, origin_fields)
                select gen_random_uuid(), 'CANCELLED', clock_timestamp(), 'cancelled', 'DOCKERFILE', 1, '', '{}', 'x',
                       'dockerfile-build', '{"username":"demo","docker_username":"demo","docker_repo":"demo/x","file":"x"}'
                from generate_series(1, 1001)
                """);
        long newest = data.row("select max(number) from build where origin = 'dockerfile-build'")
                .getLong(0);

        JsonArray listed = client.get(PATH).json(200).getJsonArray("data");

        assertThat(numbers(listed)).hasSize(1_000).startsWith(newest).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }

    private static Stream<Long> numbers(JsonArray listed) {
        return listed.stream().map(build -> ((JsonObject) build).getLong("id"));
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUED,,, Build is starting",
        "QUEUED, BUILD,, Build is starting",
        "QUEUED, PUSH,, Build is starting",
        "QUEUED, PUSH, sha256:1, Image successfully built. To be published.",
        "RUNNING,,, Build is starting",
        "RUNNING, FETCH,, Build is starting",
        "RUNNING, UNPACK,, Build is starting",
        "RUNNING, PULL,, Build is starting",
        "RUNNING, BUILD,, Build is starting",
        "RUNNING, TAG,, Image successfully built. To be published.",
        "RUNNING, LOGIN,, Image successfully built. To be published.",
        "RUNNING, PUSH,, Image successfully built. To be published.",
        "RUNNING,, sha256:1, Image successfully built. To be published.",
        "SUCCEEDED, PUSH, sha256:1, Docker Image is successfully pushed to Docker Hub."
    })
    void each_state_has_its_status(BuildStatus status, Step step, String imageId, String told) {
        assertThat(DockerfileBuildAnswer.status(build(status, step, imageId))).isEqualTo(told);
    }

    @ParameterizedTest
    @CsvSource({
        "FAILED, push-failed, Error: tried it but no",
        "FAILED, cancelled, Error: cancelled",
        "CANCELLED, cancelled, Error: cancelled"
    })
    void each_bad_end_has_its_reason(BuildStatus status, String slug, String told) {
        Build build = build(status, Step.PUSH, "sha256:1");
        build.errorCode = ErrorCode.ofSlug(slug).slug();
        build.errorDetail = "tried it but no";

        assertThat(DockerfileBuildAnswer.status(build)).isEqualTo(told);
    }

    private static Build build(BuildStatus status, Step step, String imageId) {
        Build build = new Build();
        build.status = status;
        build.step = step;
        build.imageId = imageId;
        return build;
    }
}
