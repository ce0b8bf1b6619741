package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.Everything;
import dev.slipway.RefusalFixture;
import dev.slipway.TestSource;
import dev.slipway.http.RawClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Forms that no browser sends, over a real socket: each gets its answer, and leaves neither a row nor a file. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(60)
class HostileFormsApiTest extends RefusalFixture {
    private static final String TAR = new String(TestSource.holding("hostile").tar(), ISO_8859_1);
    private static final String IMAGE = part("name=\"image\"", "a");
    private static final String FILE = part("name=\"file\"; filename=\"f\"", TAR);
    private static final String END = "--b--\r\n";

    private static String part(String parameters, String content) {
        return "--b\r\nContent-Disposition: form-data; " + parameters + "\r\n\r\n" + content + "\r\n";
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of("no parts", END, 400),
                Arguments.of("thousands of parts", part("name=\"label\"", "a=b").repeat(10_001) + END, 413),
                Arguments.of("a giant header", part("name=\"" + "n".repeat(1 << 20) + "\"", "x") + END, 413),
                Arguments.of(
                        "thousands of header lines",
                        IMAGE + "--b\r\n" + "X: y\r\n".repeat(10_000) + "Content-Disposition: form-data; name=\"file\""
                                + "\r\n\r\n" + TAR + "\r\n" + END,
                        413),
                Arguments.of("a boundary that never comes", IMAGE + FILE + "x".repeat(300_000), 400),
                Arguments.of("no boundary at all", "x".repeat(300_000), 400),
                Arguments.of("bare line feeds", (IMAGE + END).replace("\r\n", "\n"), 400),
                Arguments.of("an image behind the end", FILE + END + IMAGE, 400),
                Arguments.of(
                        "an encoding that is long gone",
                        IMAGE + FILE.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n") + END,
                        400),
                Arguments.of("a part without a name", IMAGE + part("filename=\"f\"", TAR) + END, 400),
                Arguments.of("a name with a quote that stays open", IMAGE + part("name=\"file", TAR) + END, 400),
                Arguments.of("a field that is a book", IMAGE + part("name=\"target\"", "x".repeat(70_000)) + END, 413));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void it_is_refused(String what, String form, int status) throws IOException {
        try (RawClient raw = new RawClient(url.getPort())) {
            raw.head(head(form.length()));
            RawClient.Answer answer = raw.send(form).answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(status);
            assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        }
    }

    @Test
    void who_vanishes_in_the_middle_leaves_nothing() throws IOException {
        String start = IMAGE + FILE.substring(0, FILE.length() / 2);
        try (RawClient reset = new RawClient(url.getPort());
                RawClient closed = new RawClient(url.getPort())) {
            reset.head(head(1_000_000)).send(start);
            closed.head(head(1_000_000)).send(start);
            await().untilAsserted(
                            () -> assertThat(data.sources().stream().filter(source -> source.contains(".incoming/")))
                                    .hasSizeGreaterThan(0));
            reset.reset();
        }
    }

    private static String[] head(int length) {
        return new String[] {
            "POST " + BUILDS + " HTTP/1.1",
            "Host: x",
            "Content-Type: multipart/form-data; boundary=b",
            "Content-Length: " + length
        };
    }
}
