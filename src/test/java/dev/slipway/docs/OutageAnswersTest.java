package dev.slipway.docs;

import static dev.slipway.TestClient.BUILDS;
import static org.awaitility.Awaitility.await;

import dev.slipway.TestClient;
import dev.slipway.TestDatabase;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is documented of a database that is away is given, without it. */
@QuarkusTest
@TestProfile(OutageAnswersTest.Outage.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class OutageAnswersTest {
    /** A service of its own, which never gets its database back. */
    public static class Outage extends AtHome {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            // how long each answer takes is of no matter here, and there are many
            settings.put("quarkus.datasource.reactive.reconnect-interval", "PT0.01S");
            return settings;
        }
    }

    static final Scenarios<OutageAnswersTest> SCENARIOS = new Scenarios<>();
    private static final Duration SOON = Duration.ofSeconds(30);

    @TestHTTPResource
    URI url;

    TestDatabase database;
    private TestClient client;

    static {
        Map.of(
                        "listBuilds", "GET " + BUILDS,
                        "getBuild", "GET " + BUILDS + "/1",
                        "deleteBuild", "DELETE " + BUILDS + "/1",
                        "getBuildLogs", "GET " + BUILDS + "/1/logs",
                        "cancelBuild", "POST " + BUILDS + "/1/cancel",
                        "retryBuild", "POST " + BUILDS + "/1/retry")
                .forEach((operation, line) -> SCENARIOS.add(operation + " 503 unavailable", test -> test.client
                        .send(line.split(" ")[0], line.split(" ")[1], new byte[0])
                        .exchange()));
        for (Door door : Door.values()) {
            SCENARIOS.add(
                    door.answers("503 unavailable"),
                    test -> test.client.post(door.path(), door.goodForm()).exchange());
        }
        for (Call call : Call.values()) {
            SCENARIOS.add(call.answers("503 application/json"), test -> call.send(test.client)
                    .exchange());
        }
        SCENARIOS.add("isReady 503 application/json", test -> await().atMost(SOON)
                .until(() -> test.client.get("/q/health/ready").exchange(), answer -> answer.status() == 503));
    }

    static Set<String> names() {
        return SCENARIOS.names();
    }

    @BeforeAll
    void stop_the_database() {
        client = new TestClient(url);
        database.down();
    }

    @ParameterizedTest
    @MethodSource("names")
    void it_is_given(String name) throws Exception {
        SCENARIOS.provoke(name, this, url);
    }
}
