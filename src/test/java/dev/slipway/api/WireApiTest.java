package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.slipway.Everything;
import dev.slipway.RefusalFixture;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import dev.slipway.http.RawClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong around the fields: documents that are none, headers, queries beside a body, and when it is said. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(60)
class WireApiTest extends RefusalFixture {
    private static final byte[] TAR = TestSource.holding("refused").tar();
    private static final String EXPECT = "Expect: 100-continue";
    private static final String JSON = "application/json";
    private static final String SECRET = "pw-nobody-may-read";
    private static final String DOCUMENT = "{\"images\":[\"a\"],\"dockerfile\":\"FROM scratch\"}";

    private Answer document(String text, String... headers) {
        String[] all = Stream.concat(Stream.of(headers), Stream.of("Content-Type", JSON))
                .toArray(String[]::new);
        return client.post(BUILDS, text.getBytes(StandardCharsets.UTF_8), all);
    }

    private static String auth(String text) {
        return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String auth() {
        return auth("{\"username\":\"u\",\"password\":\"" + SECRET + "\"}");
    }

    static Stream<String> noDocuments() {
        return Stream.of(
                "",
                " ",
                "null",
                "1",
                "true",
                "\"text\"",
                "[]",
                "[" + DOCUMENT + "]",
                "{",
                "{\"images\":[\"a\"",
                "{\"password\":\"" + SECRET + "\" \"username\"",
                "{\"password\":\"" + SECRET,
                "{\"password\":" + SECRET + "}",
                DOCUMENT + "x",
                DOCUMENT + DOCUMENT,
                DOCUMENT + "{\"password\":\"" + SECRET + "\"}",
                "\uFEFF" + DOCUMENT,
                "{'images':['a']}",
                "{images:[\"a\"]}",
                "{\"images\":[\"a\"],}",
                "// none\n" + DOCUMENT,
                "{\"timeout\":NaN}",
                "{\"timeout\":" + "1".repeat(5000) + "}",
                "[".repeat(100_000),
                "{\"images\":".repeat(100_000),
                "{\"" + "n".repeat(100_000) + "\":1}",
                "{\"images\":[\"a\tb\"]}");
    }

    @ParameterizedTest
    @MethodSource("noDocuments")
    void what_is_no_document_is_refused_and_not_quoted(String text) {
        assertThat(document(text).problem(400, "request-invalid").getString("detail"))
                .startsWith("tried to ")
                .hasSizeLessThan(600)
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE"})
    void a_document_in_another_encoding_is_refused(String charset) {
        client.post(BUILDS, DOCUMENT.getBytes(Charset.forName(charset)), "Content-Type", JSON + "; charset=" + charset)
                .problem(400, "request-invalid");
    }

    static Stream<Arguments> wrongTypes() {
        Stream<Arguments> texts = Stream.of(
                        "dockerfile",
                        "tarUrl",
                        "context",
                        "dockerfilePath",
                        "target",
                        "platform",
                        "username",
                        "password")
                .flatMap(name -> Stream.of("1", "true", "[\"a\"]", "{}").map(value -> arguments(name, value)));
        Stream<Arguments> flags = Stream.of("noCache", "pull")
                .flatMap(name ->
                        Stream.of("\"true\"", "1", "0", "\"\"", "[]", "{}").map(value -> arguments(name, value)));
        Stream<Arguments> pairs = Stream.of("buildArgs", "labels").flatMap(name -> Stream.of(
                        "[]",
                        "\"A=b\"",
                        "1",
                        "{\"A\":1}",
                        "{\"A\":null}",
                        "{\"A\":true}",
                        "{\"A\":{}}",
                        "{\"A=B\":\"c\"}",
                        "{\"\":\"c\"}",
                        "{\"--all\":\"c\"}",
                        "{\"A\":\"b\",\"A\":\"c\"}",
                        "{\"A\":\"\\ud800\"}",
                        "{\"A\":\"\\u0000\"}")
                .map(value -> arguments(name, value)));
        Stream<Arguments> others = Stream.of(
                arguments("images", "\"a\""),
                arguments("images", "{}"),
                arguments("images", "[1]"),
                arguments("images", "[null]"),
                arguments("images", "[[\"a\"]]"),
                arguments("images", "[]"),
                arguments("images", "null"),
                arguments("dockerfile", "null"),
                arguments("dockerfile", "\"FROM \\ud800\""),
                arguments("timeout", "1.5"),
                arguments("timeout", "true"),
                arguments("timeout", "[]"),
                arguments("timeout", "-1"),
                arguments("timeout", "0"),
                arguments("timeout", "86401"),
                arguments("timeout", "1" + "0".repeat(300)),
                arguments("image", "null"),
                arguments("colour", "{\"deep\":[1]}"),
                arguments("tarUrl", "\"http://user:" + SECRET + "@user@example.com/x\""));
        return Stream.of(texts, flags, pairs, others).flatMap(each -> each);
    }

    @ParameterizedTest
    @MethodSource("wrongTypes")
    void a_member_of_the_wrong_type_is_refused_by_its_name(String name, String value) {
        String document = "{\"" + name + "\":" + value
                + (name.equals("images") ? "" : ",\"images\":[\"a\"]")
                + (name.equals("dockerfile") ? "" : ",\"dockerfile\":\"FROM scratch\"") + "}";
        JsonObject problem = document(document).problem(400, "request-invalid");
        assertThat(problem.getString("field")).isEqualTo(name);
        assertThat(problem.getString("detail")).contains("`" + name + "`").doesNotContain(SECRET);
    }

    @Test
    void a_document_that_is_too_long_is_a_413() {
        String long4 = "{\"dockerfile\":\"" + "#".repeat(4 << 20) + "\"}";
        document(long4).problem(413, "request-too-large");
    }

    @Test
    void a_query_beside_a_body_that_has_fields_is_refused_by_its_name() {
        TestForm form = new TestForm().field("image", "a").file("file", "f", TAR);
        for (Answer answer : List.of(
                client.post(BUILDS + "?target=x&colour=red", form),
                client.post(BUILDS + "?target=x", DOCUMENT.getBytes(StandardCharsets.UTF_8), "Content-Type", JSON))) {
            JsonObject problem = answer.problem(400, "request-invalid");
            assertThat(problem.getString("field")).isEqualTo("target");
            assertThat(problem.getString("detail")).contains("`target`");
        }
        client.post(BUILDS + "?", form, "Idempotency-Key", "").problem(400, "request-invalid");
    }

    @ParameterizedTest
    @CsvSource({"label=a%3Db%C3, label", "label=%FF%3D1, label", "context=%2Fetc, context", "target=%2D%2Dall, target"})
    void a_query_is_decoded_to_the_letter(String query, String field) {
        JsonObject problem = client.post(BUILDS + "?image=a&" + query, TAR).problem(400, "request-invalid");
        assertThat(problem.getString("field")).isEqualTo(field);
    }

    @ParameterizedTest
    @CsvSource({
        "status=QUEUED&status=FAILED, status",
        "limit=1&limit=2, limit",
        "cursor=9&cursor=8, cursor",
        "image=a&image=b, image"
    })
    void a_list_is_asked_for_once(String query, String field) {
        JsonObject problem = client.get(BUILDS + "?" + query).problem(400, "request-invalid");
        assertThat(problem.getString("field")).isEqualTo(field);
    }

    @Test
    void credentials_in_the_header_and_in_the_fields_are_one_too_many() {
        TestForm form = new TestForm()
                .field("image", "a")
                .field("username", "u")
                .field("password", "p")
                .file("file", "f", TAR);
        for (Answer answer : List.of(
                client.post(BUILDS, form, "X-Registry-Auth", auth()),
                document(
                        DOCUMENT.replace("}", ",\"username\":\"u\",\"password\":\"p\"}"), "X-Registry-Auth", auth()))) {
            JsonObject problem = answer.problem(400, "request-invalid");
            assertThat(problem.getString("field")).isEqualTo("X-Registry-Auth");
            assertThat(problem.encode()).doesNotContain(SECRET);
        }
    }

    static Stream<Arguments> badHeaders() {
        Stream<Arguments> auths = Stream.of(
                        "",
                        "%%%",
                        SECRET,
                        auth("{}"),
                        auth("[]"),
                        auth("{\"username\":\"u\"}"),
                        auth("{\"username\":\"u\",\"password\":1}"),
                        auth("{\"username\":\"\",\"password\":\"" + SECRET + "\"}"),
                        auth("{\"username\":\"a:b\",\"password\":\"" + SECRET + "\"}"),
                        auth("{\"username\":\"u\",\"password\":\"\"}"),
                        auth("{\"username\":\"u\",\"password\":\"" + SECRET))
                .map(value -> arguments("X-Registry-Auth", value));
        Stream<Arguments> keys = Stream.of("", "a b", "k".repeat(256), "\u00fc", "a\tb")
                .map(value -> arguments("Idempotency-Key", value));
        return Stream.concat(auths, keys);
    }

    /** By each of the three ways, and before the body is asked for. */
    @ParameterizedTest
    @MethodSource("badHeaders")
    void a_bad_header_is_refused_by_its_name_before_the_body(String name, String value) throws IOException {
        for (String[] way : ways()) {
            try (RawClient raw = new RawClient(url.getPort())) {
                JsonObject problem =
                        problem(ask(raw, way[0], way[1], "Content-Length: 1000", EXPECT, name + ": " + value), 400);
                assertThat(problem.getString("field")).isEqualTo(name);
                assertThat(problem.getString("detail")).contains(name).doesNotContain(SECRET);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Idempotency-Key: abc", "X-Registry-Auth: e30="})
    void a_header_given_twice_is_refused_before_the_body(String header) throws IOException {
        for (String[] way : ways()) {
            try (RawClient raw = new RawClient(url.getPort())) {
                RawClient.Answer answer = ask(raw, way[0], way[1], "Content-Length: 9", EXPECT, header, header);
                assertThat(problem(answer, 400).getString("detail")).contains("twice");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "?image=a | application/x-tar | 99999999999 | 413",
                "| application/json | 4194305 | 413",
                "| multipart/form-data; boundary=b | 99999999999 | 413",
                "| multipart/form-data | 100 | 400",
                "?image=a | multipart/form-data; boundary=b | 100 | 400",
                "?image=a | application/json | 100 | 400",
                "?image=a&password=x | application/x-tar | 100 | 400",
                "| application/x-www-form-urlencoded | 100 | 415"
            })
    void what_the_headers_show_is_said_before_the_body(String query, String type, String length, int status)
            throws IOException {
        String line = "POST " + BUILDS + (query == null ? "" : query);
        try (RawClient raw = new RawClient(url.getPort())) {
            problem(ask(raw, line, "Content-Type: " + type, "Content-Length: " + length, EXPECT), status);
        }
    }

    @Test
    void once_the_headers_are_accepted_the_body_is_asked_for() throws IOException {
        for (String[] way : ways()) {
            try (RawClient raw = new RawClient(url.getPort())) {
                assertThat(ask(raw, way[0], way[1], "Content-Length: 4", EXPECT).status())
                        .isEqualTo(100);
                problem(raw.send("none").answer(), 400);
            }
        }
    }

    private static RawClient.Answer ask(RawClient raw, String line, String... headers) throws IOException {
        String[] head = Stream.concat(Stream.of(line + " HTTP/1.1", "Host: localhost"), Stream.of(headers))
                .toArray(String[]::new);
        return raw.head(head).answer();
    }

    private static JsonObject problem(RawClient.Answer answer, int status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        return new JsonObject(answer.body());
    }

    private static List<String[]> ways() {
        return List.of(
                new String[] {"POST " + BUILDS, "Content-Type: multipart/form-data; boundary=b"},
                new String[] {"POST " + BUILDS, "Content-Type: " + JSON},
                new String[] {"POST " + BUILDS + "?image=a", "Content-Type: application/x-tar"});
    }
}
