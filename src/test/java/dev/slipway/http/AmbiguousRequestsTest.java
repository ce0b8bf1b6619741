package dev.slipway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that two readers might cut in different places: another one is hidden behind each of them. */
@QuarkusTest
@TestProfile(ShortLimits.class)
class AmbiguousRequestsTest {
    private static final String HIDDEN = "GET /test-http/query?n=4711 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");

    @TestHTTPResource
    URI url;

    private String answers(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", url.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            StringBuilder answers = new StringBuilder();
            byte[] bytes = new byte[8192];
            try {
                for (int n = socket.getInputStream().read(bytes);
                        n >= 0;
                        n = socket.getInputStream().read(bytes)) {
                    answers.append(new String(bytes, 0, n, ISO_8859_1));
                }
            } catch (java.net.SocketException e) {
                // closed while we had more to send: what came before counts
            }
            return answers.toString();
        }
    }

    private static List<String> statuses(String answers) {
        return STATUS.matcher(answers).results().map(found -> found.group(1)).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 4",
                "Content-Length: 4\r\nContent-Length: 5",
                "Content-Length: 4\r\nContent-Length: 4",
                "Content-Length: 4, 4",
                "Content-Length: +4",
                "Content-Length: -1",
                "Content-Length: 0x4",
                "Content-Length: 4 4",
                "Content-Length: 99999999999999999999",
                "Content-Length : 4",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: \u000bchunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "X: a\rTransfer-Encoding: chunked",
                "X: a\u0000b",
                "X Y: a"
            })
    void a_body_framed_in_two_ways_is_refused_and_what_follows_is_never_read(String headers) throws IOException {
        String answers =
                answers("POST /test-http/count HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n\r\n0\r\n\r\n" + HIDDEN);
        assertThat(statuses(answers)).as(answers).containsExactly("400");
        assertThat(answers).doesNotContain("4711");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: x\r\nHost: y",
                "Host: x\r\nTransfer-Encoding: identity, chunked",
                "Host: x\r\nTransfer-Encoding: gzip, chunked",
                "X: nobody"
            })
    void a_head_that_a_proxy_may_read_otherwise_is_a_problem(String headers) throws IOException {
        String body = headers.contains("chunked") ? "0\r\n\r\n" : "";
        String answers =
                answers("POST /test-http/count HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n\r\n" + body);
        assertThat(statuses(answers)).as(answers).containsExactly("400");
        assertThat(answers).contains("/problems/request-invalid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4\nabcd\n0\n\n",
                "4;a\nb\r\nabcd\r\n0\r\n\r\n",
                "FFFFFFFFFFFFFFFFF\r\nabcd\r\n0\r\n\r\n",
                "100000004\r\nabcd\r\n0\r\n\r\n",
                "-4\r\nabcd\r\n0\r\n\r\n",
                "zz\r\nabcd\r\n0\r\n\r\n",
                "0x4\r\nabcd\r\n0\r\n\r\n",
                "4\r\nabcdX\r\n0\r\n\r\n"
            })
    void a_broken_chunk_ends_the_connection_and_what_follows_is_never_read(String chunks) throws IOException {
        String answers = answers(
                "POST /test-http/count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + HIDDEN);
        assertThat(statuses(answers)).as(answers).isSubsetOf("400");
        assertThat(answers).doesNotContain("4711");
    }

    @Test
    void headers_that_never_end_are_refused() throws IOException {
        String post = "POST /test-http/count HTTP/1.1\r\nHost: x\r\n";
        String chunked = post + "Transfer-Encoding: chunked\r\n\r\n4";
        assertThat(statuses(answers(post + "X: " + "a".repeat(1_000_000) + "\r\n\r\n")))
                .isSubsetOf("431");
        assertThat(statuses(answers(post + "X: a\r\n".repeat(10_000) + "\r\n"))).isSubsetOf("431");
        assertThat(statuses(answers("GET /" + "a".repeat(10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")))
                .isSubsetOf("414");
        assertThat(statuses(answers(chunked + ";" + "x".repeat(1_000_000) + "\r\nabcd\r\n0\r\n\r\n" + HIDDEN)))
                .isSubsetOf("400");
        assertThat(statuses(answers(chunked + "\r\nabcd\r\n0\r\nX: " + "y".repeat(1_000_000) + "\r\n\r\n" + HIDDEN)))
                .isSubsetOf("400");
    }

    @Test
    void what_is_odd_and_clear_is_answered_in_order() throws IOException {
        String post = "POST /test-http/count HTTP/1.1\r\nHost: x\r\n";
        for (String request : List.of(
                post + "Content-Length: 4\r\n\r\nabcd",
                post + "Transfer-Encoding: chunked\r\n\r\n4;ext=1\r\nabcd\r\n0\r\nContent-Length: 9\r\n\r\n",
                post + "Content-Length: 4\r\nExpect: 200-maybe\r\n\r\nabcd",
                post + "Content-Length: 4\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\nabcd",
                post.replace(" /", " http://elsewhere/") + "Content-Length: 4\r\n\r\nabcd",
                "\r\n\r\n" + post + "Content-Length: 4\r\n\r\nabcd")) {
            String answers = answers(request + HIDDEN);
            assertThat(statuses(answers)).as(request).containsExactly("200", "200");
            assertThat(answers).containsSubsequence("\r\n\r\n4", "4711");
        }
    }
}
