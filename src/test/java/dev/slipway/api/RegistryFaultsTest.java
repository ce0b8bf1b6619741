package dev.slipway.api;

import static dev.slipway.FaultyRegistry.cut;
import static dev.slipway.FaultyRegistry.status;
import static dev.slipway.TestClient.BUILDS;
import static dev.slipway.TestClient.errorType;
import static dev.slipway.TestClient.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.FaultyRegistry;
import dev.slipway.TestDatabase;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Registries that fail: what may pass is tried again, what is refused is not, and nobody is waited for for ever. */
@QuarkusTest
@TestProfile(RegistryFaultsTest.Proxied.class)
@Timeout(120)
class RegistryFaultsTest extends ApiFixture {
    private static final String AGAIN = "trying again in ";
    /** A registry where nobody listens. */
    private static final String NOBODY = "127.0.0.1:1";

    /** The service with a registry that can be made to fail, and little patience. */
    public static class Proxied implements QuarkusTestProfile {
        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(TestDatabase.class), new TestResourceEntry(FaultyRegistry.class));
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "slipway.worker.slots", "1",
                    "slipway.worker.registry-retry-delay", "PT1S",
                    "slipway.worker.registry-max-retry-delay", "PT1.5S",
                    "slipway.buildah.step-timeout", "PT12S");
        }
    }

    FaultyRegistry faults;

    @AfterEach
    void mend() {
        faults.mend();
        data.awaitEmptyWork();
    }

    private Stream<String> retries(JsonObject build) {
        return client.log(build.getString("id")).lines().filter(line -> line.contains(AGAIN));
    }

    private static TestForm form(String image) {
        return new TestForm().field("image", image).source(TestSource.holding(image));
    }

    @Test
    void what_may_pass_is_tried_again_in_every_step() throws Exception {
        client.run(form("base:1"), "SUCCEEDED");
        // another image of that name: the layers of the first are in the slot already
        faults.fail("GET /v2/$", status(503, "UNAVAILABLE"));
        faults.fail("GET /v2/demo/base/manifests", status(500, "UNKNOWN"));
        faults.fail("PUT /v2/demo/derived/manifests", status(504, "UNKNOWN"));

        JsonObject build = client.run(
                new TestForm()
                        .field("image", "derived")
                        .field("pull", "true")
                        .field("dockerfile", "FROM " + faults.host() + "/demo/base:1\nLABEL derived=yes\n"),
                "SUCCEEDED");

        assertThat(faults.failed()).isEqualTo(3);
        assertThat(build.getInteger("attempt")).isEqualTo(1);
        assertThat(retries(build))
                .hasSize(3)
                .anySatisfy(
                        line -> assertThat(line).startsWith("tried to log in").endsWith("(2 of 4)"))
                .anySatisfy(line -> assertThat(line).startsWith("tried to pull").endsWith("(2 of 4)"))
                .anySatisfy(line -> assertThat(line).startsWith("tried to push").endsWith("(2 of 4)"));
        assertThat(faults.registry().digest("demo/derived", "latest")).isEqualTo(build.getString("digest"));
    }

    @Test
    void a_connection_that_breaks_in_a_blob_is_made_again() throws Exception {
        JsonObject first = client.run(form("broken"), "SUCCEEDED");
        faults.fail("GET /v2/$", cut());
        faults.fail("(PATCH|PUT) /v2/demo/whole/blobs/uploads", cut());

        JsonObject build = client.run(form("whole"), "SUCCEEDED");

        assertThat(faults.failed()).isEqualTo(2);
        assertThat(build.getInteger("attempt")).isEqualTo(first.getInteger("attempt"));
        assertThat(faults.registry().digest("demo/whole", "latest")).isEqualTo(build.getString("digest"));
    }

    @Test
    void a_refusal_is_final() {
        faults.fail("POST /v2/demo/refused/blobs/uploads", status(403, "DENIED"));
        JsonObject pushed = client.run(form("refused"), "FAILED");
        assertThat(errorType(pushed)).isEqualTo("/problems/push-failed");
        assertThat(pushed.getJsonObject("error").getString("detail")).contains("denied");
        assertThat(retries(pushed)).isEmpty();
        assertThat(faults.failed()).isEqualTo(1);

        JsonObject loggedIn =
                client.run(form("unknown").field("username", "nobody").field("password", "wrong"), "FAILED");
        assertThat(errorType(loggedIn)).isEqualTo("/problems/login-failed");
        assertThat(retries(loggedIn)).isEmpty();
    }

    @Test
    void one_that_stays_away_is_given_up_with_the_true_reason() {
        JsonObject build = client.run(form(NOBODY + "/x/y"), "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/push-failed");
        assertThat(build.getJsonObject("error").getString("detail"))
                .contains("4 times", "connection refused")
                .contains(NOBODY);
        assertThat(retries(build)).hasSize(3);
    }

    @Test
    void one_that_never_answers_is_given_up_at_the_deadline() {
        faults.fail("GET /v2/$", faults.silence());

        JsonObject build = client.run(form("silent"), "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/timed-out");
        assertThat(build.getJsonObject("error").getString("step")).isEqualTo("LOGIN");
        assertThat(build.getJsonObject("error").getString("detail")).contains("did not end within 12 s");
    }

    @Test
    void a_build_that_waits_for_its_next_try_can_be_cancelled() {
        String id = client.submit(form(NOBODY + "/to/cancel"));
        await().atMost(Duration.ofSeconds(60)).until(() -> client.log(id).contains(AGAIN));

        client.post(BUILDS + "/" + id + "/cancel").json(202);

        JsonObject build = client.ended(id, "CANCELLED");
        assertThat(steps(build, 1)).endsWith("PUSH");
        assertThat(retries(build)).hasSizeLessThan(3);
    }
}
