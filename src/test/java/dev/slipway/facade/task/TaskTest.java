package dev.slipway.facade.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestData;
import dev.slipway.TestForm;
import dev.slipway.TestRegistry;
import dev.slipway.Transcript;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wire format E, as its clients see it. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class TaskTest {
    private static final String WRONG = "golden-and-wrong";
    private static final String FORM = "/build?user_name=demo&repo=golden-e-more";
    private static final byte[] DOCKERFILE = "FROM scratch\nLABEL golden=e-more\n".getBytes(StandardCharsets.UTF_8);

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

    private Map<String, String> replay(String name) {
        return Transcript.of("facade/task/" + name)
                .with("registry", registry.host())
                .with("password", TestRegistry.PASSWORD)
                .replay(client);
    }

    private static TestForm form() {
        return new TestForm().file("dockerfile", "Dockerfile", DOCKERFILE);
    }

    @Test
    void a_dockerfile_and_files_are_built_and_pushed() throws Exception {
        String task = replay("success.http").get("task");

        assertThat(registry.digest("demo/golden-e", "v1")).startsWith("sha256:");
        assertThat(registry.digest("demo/golden-e", "latest")).startsWith("sha256:");
        JsonObject origin = new JsonObject(
                data.row("select origin_fields from build where origin = 'task' and id = $1", UUID.fromString(task))
                        .getString(0));
        assertThat(origin)
                .isEqualTo(new JsonObject()
                        .put("user_name", "demo")
                        .put("repo", "golden-e")
                        .put("tag", "v1")
                        .put("dockerfile", "my.Dockerfile"));
    }

    @Test
    void a_failure_names_its_step_and_no_password() throws IOException {
        try (Records logged = new Records()) {
            Map<String, String> told = replay("failed.http");

            assertThat(told.get("error") + told.get("log")).doesNotContain(WRONG);
            assertThat(logged.text()).contains(told.get("push")).doesNotContain(WRONG);
            assertThat(data.filesWith(WRONG)).isEmpty();
        }
    }

    @Test
    void what_is_refused_leaves_nothing_and_no_password_in_the_log() throws IOException {
        long builds = data.builds();
        Set<String> sources = data.sources();
        try (Records logged = new Records()) {
            replay("refused.http");
            client.get("/build?user_name=demo&password=" + WRONG); // a 405, whose address has it

            assertThat(logged.text()).doesNotContain(WRONG);
        }
        assertThat(data.builds()).isEqualTo(builds);
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    @Test
    void huge_texts_and_odd_names_are_refused_in_its_shape() throws IOException {
        Set<String> sources = data.sources();
        Answer huge = client.post("/build", form().field("user_name", "a".repeat(70_000)));
        assertThat(huge.json(413).getString("detail")).contains("`user_name`");

        JsonObject fault =
                fault(client.post("/build?user_name=demo", form().field("repo", "\uD83D\uDC0B".repeat(300))));
        assertThat(fault.getString("input")).isEqualTo("\uD83D\uDC0B".repeat(200) + "…");
        assertThat(fault.getJsonArray("loc"))
                .isEqualTo(new JsonArray().add("body").add("repo"));

        for (String name : new String[] {"a\tb", "a".repeat(256)}) {
            fault = fault(client.post(FORM, new TestForm().file("dockerfile", name, DOCKERFILE)));
            assertThat(fault.getJsonArray("loc"))
                    .isEqualTo(new JsonArray().add("body").add("dockerfile"));
        }
        String[] longest = {"user_name=" + "a".repeat(200), "repo=" + "b".repeat(200)};
        fault = fault(client.post("/build?" + String.join("&", longest), form()));
        assertThat(fault.getJsonArray("loc"))
                .isEqualTo(new JsonArray().add("query").add("repo"));
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    private static JsonObject fault(Answer answer) {
        JsonArray faults = answer.json(422).getJsonArray("detail");
        assertThat(faults).hasSize(1);
        return faults.getJsonObject(0);
    }

    @Test
    void a_request_with_a_known_key_finds_its_task_and_makes_no_other() throws IOException {
        Set<String> before = data.sources();
        String key = UUID.randomUUID().toString();
        TestForm form = form().file("optional_files", "more", new byte[] {'1'});
        JsonObject first = client.post(FORM, form, "Idempotency-Key", key).json(200);
        JsonObject again = client.post(FORM, form, "Idempotency-Key", key).json(200);

        assertThat(again).isEqualTo(first);
        JsonObject fault = fault(client.post(FORM + "&tag=v2", form, "Idempotency-Key", key));
        assertThat(fault.getJsonArray("loc"))
                .isEqualTo(new JsonArray().add("header").add("Idempotency-Key"));
        await().untilAsserted(() -> assertThat(data.sources()).hasSize(before.size() + 1));
        client.ended(first.getString("task_id"), "SUCCEEDED");
    }

    @Test
    void a_cancelled_build_has_failed_with_that_reason() throws IOException {
        String sleeping = "FROM scratch\nCOPY --chmod=755 busybox /\nRUN [\"/busybox\", \"sleep\", \"73002\"]\n";
        byte[] busybox = Files.readAllBytes(Path.of("/bin/busybox"));
        TestForm form = new TestForm()
                .file("dockerfile", "Dockerfile", sleeping.getBytes(StandardCharsets.UTF_8))
                .file("optional_files", "busybox", busybox);
        JsonObject task = client.post(FORM, form).json(200);
        assertThat(task.getJsonObject("data").getJsonObject("optional_files"))
                .as("more than the answer repeats")
                .isEqualTo(new JsonObject().putNull("busybox"));
        String id = task.getString("task_id");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(client.build(id).getString("step")).isEqualTo("BUILD"));
        assertThat(client.get("/status/" + id).json(200)).isEqualTo(new JsonObject().put("status", "processing"));
        client.post(TestClient.BUILDS + "/" + id + "/cancel").json(202);
        client.ended(id, "CANCELLED");

        assertThat(client.get("/status/" + id).json(200))
                .isEqualTo(new JsonObject()
                        .put("status", "failed")
                        .put("step", "build")
                        .put("error", "cancelled"));
    }
}
