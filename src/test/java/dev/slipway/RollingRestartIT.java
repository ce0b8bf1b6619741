package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both replicas restarted, one after the other, under clients that go to the other one where a connection is refused. */
@Timeout(300)
class RollingRestartIT {
    private static final int CLIENTS = 4;
    private static final String CALLS = "/api/v1/builds";

    private Replicas replicas;
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private volatile boolean enough;

    @BeforeEach
    void prepare() throws IOException {
        replicas = new Replicas(2, Map.of("slipway.worker.slots", "1", "slipway.worker.shutdown-grace", "PT1S"));
    }

    @AfterEach
    void nothing_is_left() {
        replicas.close();
    }

    @Test
    void no_client_sees_a_5xx_and_every_build_ends_once_without_a_crash() throws Exception {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Caller caller = new Caller(i);
            clients.add(Thread.ofPlatform().start(caller::run));
        }
        awaitMore(CLIENTS);
        for (ServiceProcess replica : replicas.all()) {
            assertThat(replica.terminate()).isEqualTo(143);
            awaitMore(CLIENTS);
            replica.start().awaitReady();
            awaitMore(CLIENTS);
        }
        enough = true;
        for (Thread client : clients) {
            client.join(TestBuilds.END.toMillis());
        }

        assertThat(complaints).isEmpty();
        assertThat(accepted).hasSizeGreaterThanOrEqualTo(5 * CLIENTS);
        assertThat(replicas.number("select count(*) from build")).isEqualTo(accepted.size());
        assertThat(replicas.number("select count(*) from build where status = 'SUCCEEDED'"))
                .isEqualTo(accepted.size());
        assertThat(replicas.number("select sum(crashes) from build")).isZero();
        assertThat(replicas.said()).doesNotContain(" ERROR ");
    }

    /** Waits until so many more builds were accepted. */
    private void awaitMore(int builds) {
        int before = accepted.size();
        await().atMost(TestBuilds.END).until(() -> accepted.size() >= before + builds || !complaints.isEmpty());
    }

    /** Hands in one build after another, and waits for each; keeps its connections as long as it may. */
    private final class Caller {
        private final int number;
        private int replica;

        Caller(int number) {
            this.number = number;
            this.replica = number % 2;
        }

        void run() {
            try (HttpClient http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build()) {
                while (!enough && complaints.isEmpty()) {
                    JsonObject build = submit(http);
                    accepted.add(build.getString("id"));
                    awaitEnd(http, build.getString("id"));
                }
            } catch (Exception e) {
                complaints.add("client " + number + ": " + e);
            }
        }

        private JsonObject submit(HttpClient http) throws Exception {
            JsonObject document = new JsonObject()
                    .put("images", List.of("rolling-" + number))
                    .put("dockerfile", "FROM scratch\nLABEL n=" + accepted.size());
            // a connection may end under a request just sent, as any may in HTTP/1.1: the key makes it safe to repeat
            String key = UUID.randomUUID().toString();
            return new JsonObject(ask(http, CALLS, request -> request.header("Content-Type", "application/json")
                            .header("Idempotency-Key", key)
                            .POST(BodyPublishers.ofString(document.encode())))
                    .body());
        }

        private void awaitEnd(HttpClient http, String id) throws Exception {
            String status;
            do {
                status = new JsonObject(ask(http, CALLS + "/" + id, request -> request.header("Prefer", "wait=60")
                                        .GET())
                                .body())
                        .getString("status");
            } while (Set.of("QUEUED", "RUNNING").contains(status));
            if (!status.equals("SUCCEEDED")) {
                complaints.add("build " + id + " is " + status);
            }
        }

        private HttpResponse<String> ask(HttpClient http, String path, Asking asking) throws Exception {
            for (int tries = 0; tries < 100; tries++) {
                ServiceProcess service = replicas.get(replica);
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.url() + path));
                asking.of(request);
                try {
                    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
                    if (answer.statusCode() >= 300) {
                        complaints.add(path + " answered " + answer.statusCode() + ": " + answer.body());
                    }
                    return answer;
                } catch (IOException e) {
                    replica = 1 - replica; // it takes no connections any more, or closed one that was idle
                }
            }
            throw new IOException("neither replica answers " + path);
        }
    }

    /** What is asked. */
    private interface Asking {
        HttpRequest.Builder of(HttpRequest.Builder request);
    }
}
