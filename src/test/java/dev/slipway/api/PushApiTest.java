package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static dev.slipway.TestClient.errorType;
import static dev.slipway.TestClient.steps;
import static dev.slipway.TestClient.targets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.TestForm;
import dev.slipway.TestRegistry;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pushes that fail, their retries, and whose password is used for them. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class PushApiTest extends ApiFixture {
    /** A registry where nobody listens. */
    private static final String NOBODY = "127.0.0.1:1";

    private static final String WRONG = "wrong-pass-7Qx9v";

    private boolean down;

    @AfterEach
    void restore_the_registry() throws IOException {
        if (down) {
            up();
        }
    }

    private void down() {
        registry.down();
        down = true;
    }

    private void up() throws IOException {
        registry.up();
        down = false;
    }

    private JsonObject retried(String id, String status) {
        assertThat(client.post(BUILDS + "/" + id + "/retry").json(202).getString("status"))
                .isIn("QUEUED", "RUNNING");
        return client.ended(id, status);
    }

    @Test
    void each_target_has_its_own_result() throws Exception {
        JsonObject build = client.run(
                new TestForm()
                        .field("image", NOBODY + "/x/y")
                        .field("image", "several:one")
                        .field("image", "several:two")
                        .source(TestSource.holding("several")),
                "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/push-failed");
        assertThat(build.getJsonObject("error").getString("detail")).contains(NOBODY);
        assertThat(build.getJsonObject("error").getString("step")).isEqualTo("PUSH");
        assertThat(build.getJsonObject("error").getBoolean("retryable")).isTrue();
        assertThat(build.getValue("digest")).isNull();
        assertThat(targets(build).stream().map(target -> target.getString("status")))
                .containsExactly("failed", "pushed", "pushed");
        assertThat(targets(build).getFirst().getString("error"))
                .startsWith("tried to push")
                .contains(NOBODY);
        assertThat(targets(build).get(1).getString("digest")).isEqualTo(registry.digest("demo/several", "one"));
        data.awaitEmptyWork();

        JsonObject again = retried(build.getString("id"), "FAILED");

        assertThat(steps(again, 2)).containsExactly("PUSH");
        assertThat(targets(again).subList(1, 3)).isEqualTo(targets(build).subList(1, 3));
    }

    @Test
    void a_retry_after_a_push_that_failed_only_pushes() throws Exception {
        down();
        JsonObject failed = client.run(
                new TestForm().field("image", "later").source(TestSource.running("RUN echo built-once")), "FAILED");
        String id = failed.getString("id");
        // LOGIN is the first to notice
        assertThat(errorType(failed)).isEqualTo("/problems/login-failed");
        assertThat(failed.getJsonObject("error").getString("detail")).contains("connection refused");
        assertThat(Files.exists(data.source(id).resolve("stage"))).isTrue();
        up();

        JsonObject build = retried(id, "SUCCEEDED");

        assertThat(build.getInteger("attempt")).isEqualTo(2);
        assertThat(steps(build, 2)).containsExactly("LOGIN", "PUSH");
        assertThat(build.getValue("error")).isNull();
        assertThat(build.getString("digest")).isEqualTo(registry.digest("demo/later", "latest"));
        assertThat(client.log(id).lines().filter("built-once"::equals)).hasSize(1);
        data.awaitEmptyWork();
        await().untilAsserted(() ->
                assertThat(Files.exists(data.source(id).resolve("stage"))).isFalse());
        assertThat(Files.exists(data.source(id).resolve("source"))).isTrue();
    }

    @Test
    void a_wrong_password_fails_the_login_and_a_right_one_with_the_retry_mends_it() throws Exception {
        JsonObject failed = client.run(
                new TestForm()
                        .field("password", WRONG)
                        .field("image", "login")
                        .field("username", TestRegistry.USER)
                        .source(TestSource.holding("login")),
                "FAILED");
        String id = failed.getString("id");

        assertThat(errorType(failed)).isEqualTo("/problems/login-failed");
        assertThat(failed.getJsonObject("error").getString("step")).isEqualTo("LOGIN");
        assertThat(targets(failed).getFirst().getString("status")).isEqualTo("failed");
        assertThat(failed.encode() + client.log(id)).doesNotContain(WRONG);
        assertThat(data.row("select credentials from build where id = $1", UUID.fromString(id))
                        .getValue(0))
                .isNull();

        String right = new JsonObject()
                .put("username", TestRegistry.USER)
                .put("password", TestRegistry.PASSWORD)
                .encode();
        client.post(BUILDS + "/" + id + "/retry", right.getBytes(StandardCharsets.UTF_8))
                .json(202);
        JsonObject build = client.ended(id, "SUCCEEDED");
        assertThat(steps(build, 2)).containsExactly("LOGIN", "PUSH");
        assertThat(build.encode() + client.log(id)).doesNotContain(WRONG).doesNotContain(TestRegistry.PASSWORD);
        data.awaitEmptyWork();
        assertThat(data.filesWith(WRONG)).isEmpty();
    }

    @Test
    void a_retry_needs_credentials_again_where_the_own_ones_were_erased() {
        JsonObject failed = client.run(
                new TestForm()
                        .field("image", NOBODY + "/own/password")
                        .field("username", "somebody")
                        .field("password", WRONG)
                        .source(TestSource.holding("own")),
                "FAILED");
        String retry = BUILDS + "/" + failed.getString("id") + "/retry";

        client.post(retry).problem(409, "credentials-required");
        assertThat(client.build(failed.getString("id")).getString("status")).isEqualTo("FAILED");

        String auth = Base64.getUrlEncoder()
                .encodeToString("{\"username\":\"somebody\",\"password\":\"new\"}".getBytes(StandardCharsets.UTF_8));
        client.post(retry, new byte[0], "X-Registry-Auth", auth).json(202);
        assertThat(client.ended(failed.getString("id"), "FAILED").getInteger("attempt"))
                .isEqualTo(2);
        client.post(retry, "{\"username\":\"somebody\"}".getBytes(StandardCharsets.UTF_8))
                .problem(400, "request-invalid");
    }

    @Test
    void the_header_of_docker_clients_carries_credentials_too() throws Exception {
        String auth = Base64.getUrlEncoder()
                .encodeToString(new JsonObject()
                        .put("username", TestRegistry.USER)
                        .put("password", TestRegistry.PASSWORD)
                        .encode()
                        .getBytes(StandardCharsets.UTF_8));

        JsonObject build = client.post(
                        BUILDS + "?image=header",
                        TestSource.holding("header").tgz(),
                        "X-Registry-Auth",
                        auth,
                        "Prefer",
                        "wait=60")
                .json(200);

        assertThat(build.getString("status")).as(build.encode()).isEqualTo("SUCCEEDED");
        assertThat(registry.digest("demo/header", "latest")).isEqualTo(build.getString("digest"));
    }
}
