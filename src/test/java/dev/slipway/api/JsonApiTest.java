package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestRegistry;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A build handed in as one JSON document. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class JsonApiTest extends ApiFixture {
    private static JsonObject document(String... images) {
        return new JsonObject()
                .put("images", JsonArray.of((Object[]) images))
                .put("dockerfile", "FROM scratch\nLABEL a=b\n");
    }

    @Test
    void a_document_becomes_an_image_with_all_its_options() throws Exception {
        JsonObject document = new JsonObject()
                .put("dockerfile", "FROM scratch AS first\nARG WORD\nLABEL word=$WORD\nFROM first\nCOPY nowhere /\n")
                .put("images", JsonArray.of("json:one", "json:two"))
                .put("context", "sub")
                .put("dockerfilePath", "docker/File")
                .put("buildArgs", new JsonObject().put("WORD", "heard=it"))
                .put("labels", new JsonObject().put("said", "ü").put("empty", ""))
                .put("target", "first")
                .put("platform", "linux/amd64")
                .put("noCache", true)
                .put("pull", false)
                .put("timeout", 600)
                .put("username", TestRegistry.USER)
                .put("password", TestRegistry.PASSWORD);

        Answer answer = client.post(BUILDS, document, "Prefer", "wait=60");

        JsonObject build = answer.json(200);
        assertThat(build.getString("status")).as(build.encode()).isEqualTo("SUCCEEDED");
        assertThat(answer.header("Location")).isEqualTo(BUILDS + "/" + build.getString("id"));
        assertThat(answer.header("Preference-Applied")).isEqualTo("wait=60");
        assertThat(build.getJsonObject("source").getString("kind")).isEqualTo("dockerfile");
        assertThat(build.getString("digest"))
                .isEqualTo(registry.digest("demo/json", "one"))
                .isEqualTo(registry.digest("demo/json", "two"));
        JsonObject labels = registry.configuration("demo/json", "one").getJsonObject("Labels");
        assertThat(labels.getString("word")).isEqualTo("heard=it");
        assertThat(labels.getString("said")).isEqualTo("ü");
        assertThat(labels.getString("empty")).isEmpty();
        String options = data.row("select options from build where id = $1", UUID.fromString(build.getString("id")))
                .getString(0);
        assertThat(new JsonObject(options).getMap())
                .containsEntry("noCache", true)
                .containsEntry("pull", false);
        assertThat(options).contains("linux/amd64", "docker/File");
    }

    @Test
    void what_is_null_is_absent() {
        JsonObject document = document("json:nulls");
        for (String name : Set.of(
                "tarUrl",
                "context",
                "dockerfilePath",
                "buildArgs",
                "labels",
                "target",
                "platform",
                "noCache",
                "pull",
                "timeout",
                "username",
                "password")) {
            document.putNull(name);
        }
        client.ended(client.post(BUILDS, document).json(202).getString("id"), "SUCCEEDED");
    }

    @Test
    void credentials_may_come_in_the_header_beside_a_document_or_a_form() {
        String auth = Base64.getUrlEncoder()
                .encodeToString("{\"username\":\"nobody\",\"password\":\"wrong\"}".getBytes(StandardCharsets.UTF_8));
        JsonObject json = client.post(BUILDS, document("json:auth"), "X-Registry-Auth", auth, "Prefer", "wait=60")
                .json(200);
        JsonObject form = client.post(
                        BUILDS,
                        new TestForm().field("image", "json:auth").source(TestSource.holding("auth")),
                        "X-Registry-Auth",
                        auth,
                        "Prefer",
                        "wait=60")
                .json(200);
        assertThat(TestClient.errorType(json)).isEqualTo("/problems/login-failed");
        assertThat(TestClient.errorType(form)).isEqualTo("/problems/login-failed");
    }

    @Test
    void a_document_with_a_known_key_finds_its_build_however_it_is_written() throws IOException {
        Set<String> before = data.sources();
        String key = UUID.randomUUID().toString();
        JsonObject document = document("json:keyed")
                .put("labels", new JsonObject().put("a", "1").put("b", "2"));
        String id =
                client.post(BUILDS, document, "Idempotency-Key", key).json(202).getString("id");

        JsonObject otherwise = new JsonObject()
                .put("labels", new JsonObject().put("b", "2").put("a", "1"))
                .put("dockerfile", document.getString("dockerfile"))
                .put("images", JsonArray.of("json:keyed"))
                .putNull("target")
                .put("pull", false)
                .put("username", "u")
                .put("password", "p");
        Answer again = client.post(BUILDS, otherwise, "Idempotency-Key", key);
        TestForm form = new TestForm()
                .field("dockerfile", document.getString("dockerfile"))
                .field("label", "a=1")
                .field("label", "b=2")
                .field("image", "json:keyed");

        assertThat(again.json(202).getString("id")).isEqualTo(id);
        assertThat(client.post(BUILDS, form, "Idempotency-Key", key).json(202).getString("id"))
                .isEqualTo(id);
        client.post(BUILDS, document("json:other"), "Idempotency-Key", key).problem(422, "idempotency-key-reused");
        assertThat(data.sources()).hasSize(before.size() + 1);
        client.ended(id, "SUCCEEDED");
    }
}
