package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of requests that are under way when the service is told to stop. */
@Timeout(180)
class StopIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String CALLS = "/api/v1/builds";
    private static final String DOCUMENT = "{\"images\":[\"registry.invalid/waits\"],\"dockerfile\":\"FROM scratch\"}";

    private Path directory;
    private ServiceProcess service;

    /** Without workers nothing ends; a grace that were used up would outlast the test's patience. */
    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        service = new ServiceProcess(
                directory, Map.of("slipway.worker.slots", "0", "slipway.http.shutdown-grace", "PT10M"));
        service.start().awaitStatus("/q/health/live", 200);
    }

    @AfterEach
    void nothing_is_left() {
        service.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    private RequestSpecification client() {
        return given().baseUri(service.url());
    }

    private CompletableFuture<Response> waiting(Function<RequestSpecification, Response> call) {
        // the common pool has too few threads for those who wait
        return CompletableFuture.supplyAsync(
                () -> call.apply(client().header("Prefer", "wait=600")),
                task -> Thread.ofVirtual().start(task));
    }

    @Test
    void whoever_waits_for_a_build_is_told_how_far_it_is() {
        String id = client().contentType("application/json")
                .body(DOCUMENT)
                .post(CALLS)
                .path("id");
        CompletableFuture<Response> get = waiting(request -> request.get(CALLS + "/" + id));
        CompletableFuture<Response> post = waiting(request ->
                request.contentType("application/json").body(DOCUMENT).post(CALLS));
        CompletableFuture<Response> upload =
                waiting(request -> request.multiPart("image_name", "registry.invalid/waits")
                        .multiPart("file", "f", TestSource.holding("waits").tar())
                        .post("/build"));
        await().atMost(SOON)
                .until(() -> client().get(CALLS).jsonPath().getList("items").size() == 3);
        // by the time that this one has waited, those before it wait
        client().header("Prefer", "wait=1").get(CALLS + "/" + id).then().statusCode(200);

        assertThat(service.terminate()).isEqualTo(143);

        assertThat(get.join().statusCode()).isEqualTo(200);
        assertThat(get.join().jsonPath().getString("status")).isEqualTo("QUEUED");
        assertThat(post.join().statusCode()).isEqualTo(202);
        assertThat(post.join().header("Location")).endsWith(post.join().path("id"));
        assertThat(upload.join().statusCode()).isEqualTo(202);
        assertThat(upload.join().header("Location")).endsWith(upload.join().path("id"));
        assertThat(service.said()).contains("slipway stopped").doesNotContain(" ERROR ");
    }

    @Test
    void an_upload_is_taken_to_its_end_while_new_connections_are_refused() throws Exception {
        byte[] body = TestSource.holding("slow").tar();
        try (Socket slow = connect();
                Socket kept = connect()) {
            assertThat(get(kept)).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("connection: close");
            send(slow, "POST " + CALLS + "?image=registry.invalid/slow", "Content-Length: " + body.length);
            slow.getOutputStream().write(Arrays.copyOf(body, body.length / 2));
            slow.getOutputStream().flush();
            Path incoming = service.data().resolve("sources/.incoming");
            await().atMost(SOON).until(() -> {
                try (var files = Files.walk(incoming)) {
                    return files.anyMatch(file ->
                            Files.isRegularFile(file) && !file.toString().endsWith(".lock"));
                }
            });

            service.signal("TERM");
            await().atMost(SOON).until(() -> {
                try (Socket fresh = connect()) {
                    return fresh.getInputStream().read() < 0;
                } catch (IOException e) {
                    return true;
                }
            });
            assertThat(get(kept)).startsWith("HTTP/1.1 200").containsIgnoringCase("connection: close");
            slow.getOutputStream().write(Arrays.copyOfRange(body, body.length / 2, body.length));

            assertThat(head(slow)).startsWith("HTTP/1.1 202").containsIgnoringCase("connection: close");
        }
        assertThat(service.awaitExit(ServiceProcess.STOP)).isEqualTo(143);
        assertThat(service.said()).contains("slipway stopped").doesNotContain(" ERROR ");
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), service.port());
    }

    private static void send(Socket socket, String line, String... headers) throws IOException {
        String head = line + " HTTP/1.1\r\nHost: x\r\n"
                + String.join(
                        "",
                        Arrays.stream(headers).map(header -> header + "\r\n").toList());
        socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String get(Socket socket) throws IOException {
        send(socket, "GET " + CALLS + "?limit=1");
        String head = head(socket);
        int length = Integer.parseInt(head.replaceAll("(?is).*content-length: ([0-9]+).*", "$1"));
        socket.getInputStream().readNBytes(length);
        return head;
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("the connection ended behind: " + head);
            }
            head.append((char) c);
        }
        return head.toString();
    }
}
