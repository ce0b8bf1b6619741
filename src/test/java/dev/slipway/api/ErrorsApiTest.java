package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.github.luben.zstd.ZstdOutputStream;
import dev.slipway.RefusalFixture;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.http.RawClient;
import dev.slipway.source.Tar;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The codes that a request can meet, each provoked over HTTP; those of a build's state and keys stand with them. */
@QuarkusTest
@TestProfile(TightLimits.class)
@Timeout(60)
class ErrorsApiTest extends RefusalFixture {
    private static final String DOCKERFILE = "FROM scratch\n";

    private static Tar tar() {
        return new Tar().file("Dockerfile", DOCKERFILE);
    }

    private static byte[] entries(int count) {
        Tar tar = tar();
        for (int i = 0; i < count; i++) {
            tar.file("file" + i, "");
        }
        return tar.end();
    }

    /** Its window is larger than the memory that is allowed for it. */
    private static byte[] wideWindow() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(packed)) {
            zstd.setLong(24);
            zstd.write(tar().file("zeros", "0".repeat(2 << 20)).end());
        }
        return packed.toByteArray();
    }

    static Stream<Arguments> archives() throws IOException {
        return Stream.of(
                arguments(400, "archive-corrupt", "no archive at all".getBytes()),
                arguments(
                        400,
                        "archive-trailing-data",
                        tar().raw(new byte[1024]).raw("more".getBytes()).end()),
                arguments(
                        413,
                        "archive-too-large",
                        tar().file("large", "x".repeat(5 << 20)).end()),
                arguments(413, "archive-too-many-entries", entries(30)),
                arguments(
                        413,
                        "archive-name-too-long",
                        tar().longName('L', "n".repeat(300)).file("n", "").end()),
                arguments(413, "archive-memory-limit", wideWindow()),
                arguments(
                        422, "dockerfile-missing", new Tar().file("readme", "").end()),
                arguments(
                        422,
                        "dockerfile-policy",
                        new Tar().file("Dockerfile", "FROM dir:/etc\n").end()),
                arguments(
                        422, "archive-path-escape", tar().file("../outside", "").end()),
                arguments(
                        422,
                        "archive-link-escape",
                        tar().symlink("link", "/etc").file("link/passwd", "").end()),
                arguments(422, "archive-entry-name", tar().file("a\nb", "").end()),
                arguments(
                        422,
                        "archive-entry-type",
                        tar().entry(Tar.header("pipe", '6')).end()),
                arguments(
                        422,
                        "archive-duplicate-entry",
                        tar().directory("twice").symlink("twice", "/etc").end()));
    }

    @ParameterizedTest
    @MethodSource("archives")
    void an_archive_that_is_refused_has_its_code_as_a_body_and_in_a_form(int status, String slug, byte[] archive) {
        client.post(BUILDS + "?image=a", archive).problem(status, slug);
        client.post(BUILDS, new TestForm().file("file", "f", archive).field("image", "a"))
                .problem(status, slug);
    }

    @Test
    void a_dockerfile_in_a_document_is_judged_as_one_in_an_archive() {
        JsonObject document = new JsonObject().put("images", JsonArray.of("a"));
        client.post(BUILDS, document.put("dockerfile", "FROM dir:/etc")).problem(422, "dockerfile-policy");
        client.post(BUILDS, document.put("dockerfile", "")).problem(422, "dockerfile-policy");
        client.post(BUILDS, document.put("dockerfile", "#".repeat(2 << 20))).problem(422, "dockerfile-policy");
        JsonObject problem =
                client.post(BUILDS, document.put("dockerfile", "FROM Upper")).problem(422, "image-name-invalid");
        assertThat(problem.containsKey("field")).isFalse();
    }

    @Test
    void a_body_that_is_too_large_is_a_413_whether_it_says_so_or_not() throws IOException {
        client.post(BUILDS + "?image=a", new byte[9 << 20]).problem(413, "request-too-large");
        try (RawClient raw = new RawClient(url.getPort())) {
            raw.head(
                    "POST " + BUILDS + " HTTP/1.1",
                    "Host: localhost",
                    "Content-Type: application/json",
                    "Transfer-Encoding: chunked");
            for (int i = 0; i < 5; i++) {
                raw.send("100000\r\n").send(" ".repeat(1 << 20)).send("\r\n");
            }
            assertProblem(raw.answer(), 413, "request-too-large");
        }
    }

    @ParameterizedTest
    @CsvSource({"application/json, {", "application/x-tar, x", "multipart/form-data; boundary=b, --b"})
    void a_body_that_stops_coming_is_a_408(String type, String beginning) throws IOException {
        try (RawClient raw = new RawClient(url.getPort())) {
            String query = type.equals("application/x-tar") ? "?image=a" : "";
            raw.head(
                            "POST " + BUILDS + query + " HTTP/1.1",
                            "Host: localhost",
                            "Content-Type: " + type,
                            "Content-Length: 1000")
                    .send(beginning);
            assertProblem(raw.answer(), 408, "request-timeout");
        }
    }

    private static void assertProblem(RawClient.Answer answer, int status, String slug) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.body()).contains("\"/problems/" + slug + "\"");
    }

    @Test
    void an_answer_that_the_client_does_not_want_is_a_406() {
        client.get(BUILDS, "Accept", "image/png").problem(406, "not-acceptable");
        client.get(BUILDS + "/1", "Accept", "image/png").problem(406, "not-acceptable");
        client.get(BUILDS + "/1/logs", "Accept", "image/png").problem(406, "not-acceptable");
    }

    /** As RFC 7240 asks for; a wait of nothing is over at once. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wait",
                "wait=",
                "wait=soon",
                "wait=-1",
                "wait=1.5",
                "=5",
                ";;;",
                "\"",
                "respond-async, nonsense",
                "wait=0"
            })
    void preferences_that_mean_nothing_are_ignored(String preference) {
        Answer answer = client.post(
                BUILDS, new TestForm().file("file", "f", tar().end()).field("image", "a"), "Prefer", preference);

        JsonObject build = answer.json(202);
        assertThat(answer.header("Preference-Applied")).isEqualTo(preference.equals("wait=0") ? preference : "");
        assertThat(client.send("DELETE", BUILDS + "/" + build.getString("id"), new byte[0])
                        .status())
                .isEqualTo(204);
    }
}
