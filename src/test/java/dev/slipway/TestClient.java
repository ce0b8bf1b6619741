package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.docs.ApiDocument;
import dev.slipway.docs.Documented;
import dev.slipway.docs.Exchange;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A client of the service that adds nothing to a request but what it is told. */
public final class TestClient {
    /** Where builds are. */
    public static final String BUILDS = "/api/v1/builds";

    private static final Duration LONG = Duration.ofSeconds(90);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final URI base;

    /** A client of the service at {@code base}. */
    public TestClient(URI base) {
        this.base = base;
    }

    /** What came back. */
    public record Answer(HttpResponse<String> response) {
        /** Its status. */
        public int status() {
            return response.statusCode();
        }

        /** A header's value, or empty text. */
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        /** Its body. */
        public String body() {
            return response.body();
        }

        /** It and what was asked. */
        public Exchange exchange() {
            HttpRequest request = response.request();
            return Exchange.of(
                    request.method(),
                    request.uri().getPath(),
                    status(),
                    response.headers().map(),
                    body());
        }

        /** Its body as JSON, once its status is the expected one. */
        public JsonObject json(int status) {
            assertThat(status()).as(body()).isEqualTo(status);
            assertThat(header("Content-Type")).startsWith("application/json");
            return new JsonObject(body());
        }

        /** Its body as a problem document, once that has the form all of ours have. */
        public JsonObject problem(int status, String slug) {
            assertThat(status()).as(body()).isEqualTo(status);
            assertThat(header("Content-Type")).isEqualTo("application/problem+json");
            JsonObject problem = new JsonObject(body());
            assertThat(problem.getString("type")).as(body()).isEqualTo("/problems/" + slug);
            assertThat(problem.getInteger("status")).isEqualTo(status);
            assertThat(problem.getString("title")).isNotBlank();
            assertThat(problem.getString("detail")).isNotBlank();
            return problem;
        }
    }

    /** Asks for something. */
    public Answer get(String path, String... headers) {
        return send("GET", path, new byte[0], headers);
    }

    /** Posts a body. */
    public Answer post(String path, byte[] body, String... headers) {
        return send("POST", path, body, headers);
    }

    /** Posts nothing. */
    public Answer post(String path) {
        return post(path, new byte[0]);
    }

    /** Posts a form. */
    public Answer post(String path, TestForm form, String... headers) {
        return send("POST", path, form.body(), and(headers, "Content-Type", TestForm.type()));
    }

    /** Posts a JSON document. */
    public Answer post(String path, JsonObject document, String... headers) {
        return send("POST", path, document.toBuffer().getBytes(), and(headers, "Content-Type", "application/json"));
    }

    /** Sends a request, with headers as name, value, name, value. */
    public Answer send(String method, String path, byte[] body, String... headers) {
        return sendAsync(method, path, body, headers).join();
    }

    /** Sends a request and does not wait for the answer. */
    public CompletableFuture<Answer> sendAsync(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(LONG)
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.sendAsync(request.build(), BodyHandlers.ofString())
                .thenApply(Answer::new)
                .thenApply(this::documented);
    }

    /** Every answer that a test gets is held against the API's description. */
    private Answer documented(Answer answer) {
        Documented.check(ApiDocument.of(base), answer.exchange());
        return answer;
    }

    /** Hands in a build, which is taken; its id. */
    public String submit(TestForm form) {
        return post(BUILDS, form).json(202).getString("id");
    }

    /** A build as it is now. */
    public JsonObject build(String id) {
        return get(BUILDS + "/" + id).json(200);
    }

    /** A build once it has ended, in the state it is to be in. */
    public JsonObject ended(String id, String status) {
        JsonObject build = get(BUILDS + "/" + id, "Prefer", "wait=60").json(200);
        assertThat(build.getString("status")).as(build.encodePrettily()).isEqualTo(status);
        return build;
    }

    /** Hands in a build and waits for the end it is to have. */
    public JsonObject run(TestForm form, String status) {
        return ended(submit(form), status);
    }

    /** The log of a build. */
    public String log(String id) {
        Answer answer = get(BUILDS + "/" + id + "/logs");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
        return answer.body();
    }

    /** The names of the steps of one attempt. */
    public static List<String> steps(JsonObject build, int attempt) {
        return objects(build.getJsonArray("steps"))
                .filter(step -> step.getInteger("attempt") == attempt)
                .map(step -> step.getString("step"))
                .toList();
    }

    /** The targets of a build. */
    public static List<JsonObject> targets(JsonObject build) {
        return objects(build.getJsonArray("targets")).toList();
    }

    /** What kind of error a build ended with. */
    public static String errorType(JsonObject build) {
        return build.getJsonObject("error").getString("type");
    }

    private static Stream<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast);
    }

    private static String[] and(String[] headers, String... more) {
        return Stream.concat(Stream.of(headers), Stream.of(more)).toArray(String[]::new);
    }
}
