package dev.slipway.docs;

import static dev.slipway.TestClient.BUILDS;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is documented and tells of a build that ran is given. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class BuiltAnswersTest extends ApiFixture {
    static final Scenarios<BuiltAnswersTest> SCENARIOS = new Scenarios<BuiltAnswersTest>()
            .add(
                    "buildForm 200 application/json UploadAnswer",
                    test -> test.upload("documented:1", TestSource.holding("yes")))
            .add(
                    "buildForm 422 build-failed",
                    test -> test.upload("documented", TestSource.running("RUN echo the reason; exit 3")))
            .add(
                    "buildForm 502 pull-failed",
                    test -> test.upload(
                            "documented",
                            new TestSource().file("Dockerfile", "FROM " + test.registry.host() + "/demo/absent:1\n")))
            .add(
                    "buildForm 502 push-failed",
                    test -> test.upload("127.0.0.1:1/nobody/listens", TestSource.holding("no")))
            .add("getTask 200 application/json TaskSuccess", test -> {
                Exchange built = test.upload("documented:2", TestSource.holding("yes"));
                String build = built.header("Location").orElseThrow();
                return test.client
                        .get("/status/" + build.substring(BUILDS.length() + 1))
                        .exchange();
            })
            .add("buildForm 500 cancelled", BuiltAnswersTest::cancelled)
            .add(
                    "isReady 200 application/json",
                    test -> test.client.get("/q/health/ready").exchange());

    private static final Duration SOON = Duration.ofSeconds(30);

    static Set<String> names() {
        return SCENARIOS.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void it_is_given(String name) throws Exception {
        SCENARIOS.provoke(name, this, url);
    }

    private Exchange upload(String image, TestSource source) {
        return client.post("/build", Door.UPLOAD.form(image, source.tar())).exchange();
    }

    private Exchange cancelled() {
        byte[] form = Door.UPLOAD
                .form(
                        "stopped",
                        TestSource.running("RUN /bin/busybox sleep 74001").tar())
                .body();
        var waiting = client.sendAsync("POST", "/build", form, "Content-Type", TestForm.type());
        JsonArray running = await().atMost(SOON)
                .until(
                        () -> client.get(BUILDS + "?status=RUNNING&image=stopped")
                                .json(200)
                                .getJsonArray("items"),
                        found -> !found.isEmpty());
        client.post(BUILDS + "/" + running.getJsonObject(0).getString("id") + "/cancel");
        return waiting.join().exchange();
    }
}
