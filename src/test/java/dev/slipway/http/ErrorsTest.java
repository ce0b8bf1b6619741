package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.http.RawClient.Answer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(ShortLimits.class)
class ErrorsTest {
    @TestHTTPResource
    URI url;

    private Answer call(String line, String body, String... headers) throws IOException {
        try (RawClient client = new RawClient(url.getPort())) {
            String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            client.send(line + " HTTP/1.1\r\nHost: localhost\r\n" + more + "Content-Length: " + body.length()
                    + "\r\n\r\n" + body);
            return client.answer(line.startsWith("HEAD"));
        }
    }

    private static JsonObject problem(Answer answer, int status, String slug) {
        assertThat(answer.header("content-type")).as(answer.body()).isEqualTo("application/problem+json");
        assertThat(answer.status()).isEqualTo(status);
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getString("type")).isEqualTo("/problems/" + slug);
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("detail")).startsWith("tried to ").contains(" but ");
        return problem;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /nowhere",
                "POST /nowhere",
                "GET /",
                "GET /test-http",
                "GET /test-http/nowhere",
                "POST /test-http/nowhere",
                "BREW /test-http/nowhere",
                "OPTIONS /nowhere",
                "OPTIONS /test-http/nowhere",
                "GET /test-http/uuid/not-a-uuid",
                "DELETE /test-http/uuid/not-a-uuid",
                "GET /q/nowhere",
                "GET /nowhere%2F..%2F",
                "GET nowhere",
                "OPTIONS *"
            })
    void a_path_that_leads_nowhere_is_a_404(String line) throws IOException {
        problem(call(line, ""), 404, "not-found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /%zz", "GET /test-http/%", "GET /?a=%zz", "GET /{x}"})
    void what_is_no_uri_is_refused_before_anyone_can_shape_the_answer(String line) throws IOException {
        assertThat(call(line, "").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST /test-http/uuid/x | DELETE, GET, HEAD, OPTIONS",
                "PATCH /test-http/uuid/x | DELETE, GET, HEAD, OPTIONS",
                "BREW /test-http/query | GET, HEAD, OPTIONS",
                "GET /test-http/count | OPTIONS, POST",
                "HEAD /test-http/count | OPTIONS, POST",
                "DELETE /test-http/query/ | GET, HEAD, OPTIONS"
            })
    void a_wrong_method_is_a_405_that_says_which_are_right(String line, String allowed) throws IOException {
        Answer answer = call(line, "");
        assertThat(answer.header("allow")).isEqualTo(allowed);
        if (line.startsWith("HEAD")) {
            assertThat(answer.status()).isEqualTo(405);
        } else {
            problem(answer, 405, "method-not-allowed");
        }
    }

    @Test
    void options_tell_of_the_path_itself() throws IOException {
        Answer answer = call("OPTIONS /test-http/uuid/x", "");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("allow")).isEqualTo("DELETE, GET, HEAD, OPTIONS");
    }

    @Test
    void head_is_get_without_the_body() throws IOException {
        UUID id = UUID.randomUUID();
        assertThat(call("HEAD /test-http/uuid/" + id, "").status()).isEqualTo(200);
        Answer missing = call("HEAD /nowhere", "");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.header("content-type")).isEqualTo("application/problem+json");
    }

    @Test
    void head_of_an_error_leaves_the_connection_in_order() throws IOException {
        try (RawClient client = new RawClient(url.getPort())) {
            for (String path : new String[] {"/nowhere", "/test-http/boom", "/test-http/uuid/x"}) {
                client.head("HEAD " + path + " HTTP/1.1", "Host: localhost");
                assertThat(client.answer(true).status()).isBetween(404, 500);
            }
            client.head("GET /test-http/query?n=3 HTTP/1.1", "Host: localhost");
            assertThat(client.answer().body()).isEqualTo("3");
        }
    }

    @Test
    void a_query_parameter_of_the_wrong_form_is_a_400() throws IOException {
        problem(call("GET /test-http/query?n=many", ""), 400, "request-invalid");
    }

    @Test
    void what_cannot_be_represented_is_a_406() throws IOException {
        problem(call("GET /test-http/query?n=1", "", "Accept: image/png"), 406, "not-acceptable");
    }

    @Test
    void a_wrong_content_type_is_a_415() throws IOException {
        for (String type : new String[] {"text/plain", "nonsense", "multipart/form-data; boundary=x"}) {
            problem(call("POST /test-http/json", "{}", "Content-Type: " + type), 415, "unsupported-media-type");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "no json", "{\"image\": }", "[1", "\"\u0001\""})
    void what_is_no_json_is_a_400_that_does_not_name_our_classes(String body) throws IOException {
        for (String path : new String[] {"json", "entity"}) {
            JsonObject problem = problem(json(path, body), 400, "request-invalid");
            assertThat(problem.getString("detail")).doesNotContain("dev.slipway", "jackson", "Wanted");
        }
    }

    @Test
    void json_of_another_form_is_a_400_that_names_the_field() throws IOException {
        for (String path : new String[] {"json", "entity"}) {
            String body = "{\"image\": \"a\",\n \"count\": \"many\"}";
            JsonObject problem = problem(json(path, body), 400, "request-invalid");
            assertThat(problem.getString("field")).isEqualTo("count");
            assertThat(problem.getString("detail")).contains("line 2").doesNotContain("Wanted");
            problem(json(path, "[]"), 400, "request-invalid");
        }
    }

    @Test
    void long_json_is_read_without_leaving_the_event_loop_up_to_its_limit() throws IOException {
        String body = "{\"image\": \"" + "a".repeat(900_000) + "\"}";
        assertThat(json("entity", body).status()).isEqualTo(200);
        problem(json("entity", body + " ".repeat(100_000)), 413, "request-too-large");
        problem(json("entity", ""), 400, "request-invalid");
    }

    @Test
    void the_framework_itself_never_reads_a_long_body_into_the_heap() throws IOException {
        assertThat(json("json", "{\"image\": \"" + "a".repeat(5_000_000) + "\"}")
                        .status())
                .isEqualTo(413);
    }

    private Answer json(String path, String body) throws IOException {
        return call("POST /test-http/" + path, body, "Content-Type: application/json");
    }

    @Test
    void the_unexpected_is_a_500_with_a_reference_and_nothing_else() throws IOException {
        Answer answer = call("GET /test-http/boom", "");
        JsonObject problem = problem(answer, 500, "internal");
        assertThat(UUID.fromString(problem.getString("reference"))).isNotNull();
        assertThat(answer.body()).doesNotContain("secret", "IllegalState");
    }

    @Test
    void a_quota_says_when_to_come_back() throws IOException {
        Answer answer = call("GET /test-http/busy", "");
        problem(answer, 429, "quota-exceeded");
        assertThat(answer.header("retry-after")).isEqualTo("7");
    }

    @Test
    void a_redirection_is_no_error() throws IOException {
        assertThat(call("GET /test-http/away", "").status()).isEqualTo(303);
    }

    @Test
    void a_foreign_format_shapes_every_error_under_its_paths() throws IOException {
        Answer answer = call("GET /test-http/foreign/nowhere", "");
        assertThat(answer.status()).isEqualTo(418);
        assertThat(answer.header("content-type")).startsWith("text/x-foreign");
        assertThat(answer.body()).isEqualTo("Error: not-found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /build", "GET /build", "OPTIONS /build"})
    void a_format_that_is_switched_off_is_not_there(String line) throws IOException {
        problem(call(line, ""), 404, "not-found");
    }

    @Test
    void a_format_that_nobody_knows_cannot_be_switched_off() {
        FacadeConfig config = () -> Optional.of(Set.of("foreign", "nonesuch"));
        assertThatThrownBy(() -> new WireFormats(List.of(new ForeignFormat()), config))
                .hasMessageContaining("`nonesuch`")
                .hasMessageContaining("[foreign]");
    }

    @Test
    void the_health_checks_stay_reachable() throws IOException {
        assertThat(call("GET /q/health/live", "").status()).isEqualTo(200);
    }
}
