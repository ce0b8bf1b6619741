package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.http.RawClient.Answer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ShortLimits.class)
class BodiesTest {
    private static final int MIB = 1 << 20;

    @TestHTTPResource
    URI url;

    @Inject
    Bodies bodies;

    private RawClient client;

    @BeforeEach
    void connect() throws IOException {
        client = new RawClient(url.getPort());
    }

    @AfterEach
    void nothing_is_left_over() throws IOException {
        client.close();
        await().atMost(Duration.ofSeconds(20)).until(() -> HttpTestResource.READING.get() == 0 && bodies.held() == 0);
    }

    private static String[] post(String path, String... more) {
        String[] lines = new String[more.length + 2];
        lines[0] = "POST /test-http/" + path + " HTTP/1.1";
        lines[1] = "Host: localhost";
        System.arraycopy(more, 0, lines, 2, more.length);
        return lines;
    }

    @Test
    void a_body_of_announced_length_arrives_whole_and_the_connection_lives_on() throws IOException {
        for (int size : new int[] {0, 1, 100_000, 5 * MIB}) {
            client.head(post("count", "Content-Length: " + size)).send(new byte[size]);
            Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("" + size);
            assertThat(answer.header("connection")).isEmpty();
        }
    }

    @Test
    void a_chunked_body_arrives_whole_and_the_connection_lives_on() throws IOException {
        for (int round = 0; round < 3; round++) {
            client.head(post("count", "Transfer-Encoding: chunked"));
            for (int i = 0; i < 50; i++) {
                client.send("30d40\r\n").send(new byte[200_000]).send("\r\n");
            }
            client.send("0\r\n\r\n");
            assertThat(client.answer().body()).isEqualTo("10000000");
        }
    }

    @Test
    void a_request_without_a_body_has_an_empty_one() throws IOException {
        assertThat(client.head(post("count")).answer().body()).isEqualTo("0");
    }

    @Test
    void the_outcome_is_emitted_where_the_request_lives() throws IOException {
        Answer answer =
                client.head(post("context", "Content-Length: 3")).send("abc").answer();
        assertThat(answer.body()).isEqualTo("virtual=true same=true loop=true thread=true");
    }

    @Test
    void who_expects_a_continue_gets_it_once_the_headers_are_accepted() throws IOException {
        client.head(post("count", "Content-Length: 3", "Expect: 100-continue"));
        assertThat(client.answer().status()).isEqualTo(100);
        Answer answer = client.send("abc").answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("connection")).isEmpty();
    }

    @Test
    void who_expects_a_continue_gets_the_error_instead_where_it_is_refused() throws IOException {
        client.head(post("refuse", "Content-Length: 3", "Expect: 100-continue"));
        Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("connection")).isEqualTo("close");
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void a_body_announced_too_large_is_refused_before_it_is_sent() throws IOException {
        client.head(post("count", "Content-Length: 9999999999", "Expect: 100-continue"));
        Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.body()).contains("/problems/request-too-large", "104857600 bytes");
    }

    @Test
    void a_body_that_grows_too_large_is_refused_while_it_is_sent() throws IOException {
        client.head(post("count", "Transfer-Encoding: chunked"));
        CompletableFuture<Void> sending = CompletableFuture.runAsync(
                () -> {
                    try {
                        for (int i = 0; i < 104; i++) {
                            client.send("100000\r\n").send(new byte[MIB]).send("\r\n");
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                Thread::startVirtualThread);
        assertThat(client.answer().status()).isEqualTo(413);
        assertThat(sending).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void a_client_that_resets_mid_body_leaves_no_thread_behind() throws IOException {
        for (String framing : new String[] {"Content-Length: 1000000", "Transfer-Encoding: chunked"}) {
            RawClient gone = new RawClient(url.getPort());
            gone.head(post("count", framing)).send("100\r\n" + "x".repeat(256));
            await().atMost(Duration.ofSeconds(20)).until(() -> HttpTestResource.READING.get() == 1);
            gone.reset();
            await().atMost(Duration.ofSeconds(1)).until(() -> HttpTestResource.READING.get() == 0);
        }
    }

    @Test
    void a_client_that_stops_sending_is_told_408_and_cut_off() throws IOException {
        long start = System.nanoTime();
        client.head(post("count", "Content-Length: 1000")).send("x");
        Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.body()).contains("/problems/request-timeout", "1 bytes had arrived");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(1_400L, 10_000L);
        assertThat(client.isClosedByServer()).isTrue();
    }

    @Test
    void a_slow_reader_holds_the_client_back_instead_of_the_bytes() throws IOException {
        HttpTestResource.PEAK.set(0);
        client.head(post("slow", "Content-Length: " + 64 * MIB));
        CompletableFuture<Void> sending = CompletableFuture.runAsync(
                () -> {
                    try {
                        client.send(new byte[64 * MIB]);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                Thread::startVirtualThread);
        await().atMost(Duration.ofSeconds(20)).until(() -> bodies.held() > MIB / 4);
        await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(20)).until(() -> !sending.isDone());
        assertThat(bodies.held()).isLessThanOrEqualTo(MIB);
        HttpTestResource.MEBIBYTES.release(64);

        assertThat(client.answer().body()).isEqualTo("" + 64 * MIB);
        assertThat(HttpTestResource.PEAK.get()).isBetween(MIB / 2L, (long) MIB);
    }

    @Test
    void an_early_refusal_is_readable_by_a_client_that_sends_everything_first() throws IOException {
        for (String path : new String[] {"refuse", "half", "nowhere", "uuid/x"}) {
            try (RawClient stubborn = new RawClient(url.getPort())) {
                stubborn.head(post(path, "Content-Length: " + 20 * MIB)).send(new byte[20 * MIB]);
                Answer answer = stubborn.answer();
                assertThat(answer.status()).as(path).isBetween(400, 405);
                assertThat(answer.header("connection")).isEqualTo("close");
                assertThat(stubborn.isClosedByServer()).isTrue();
            }
        }
    }

    @Test
    void a_refused_client_is_not_listened_to_for_ever() throws IOException {
        client.head(post("refuse", "Content-Length: " + 20 * MIB)).send("x");
        assertThat(client.answer().status()).isEqualTo(403);
        assertThat(client.isClosedByServer()).isTrue(); // within the client's own deadline
    }

    @Test
    void a_small_body_that_nobody_reads_does_not_cost_the_connection() throws IOException {
        for (int round = 0; round < 3; round++) {
            client.head(post("refuse", "Content-Length: 1000")).send(new byte[1000]);
            Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("connection")).isEmpty();
        }
    }

    @Test
    void a_form_is_read_part_by_part_whatever_its_size() throws IOException {
        String fields = "--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\n" + "x".repeat(5000) + "\r\n";
        String file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tar\"\r\n\r\n";
        int length = fields.length() * 300 + file.length() + 30 * MIB + "\r\n--b--\r\n".length();
        client.head(post("parts", "Content-Type: multipart/form-data; boundary=b", "Content-Length: " + length))
                .send(fields.repeat(300))
                .send(file)
                .send(new byte[30 * MIB])
                .send("\r\n--b--\r\n");

        assertThat(client.answer().body()).isEqualTo("image|-|5000\n".repeat(300) + "file|a.tar|" + 30 * MIB + "\n");
    }

    @Test
    void a_form_that_ends_early_is_refused() throws IOException {
        client.head(post("parts", "Content-Type: multipart/form-data; boundary=b", "Content-Length: 5"))
                .send("--b\r\n");
        Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("the body ended before");
    }

    /** Java's client tries to upgrade unless it is told not to. */
    @Test
    void who_would_like_http_2_gets_http_1() throws Exception {
        byte[] body = new byte[5 * MIB];
        try (HttpClient likesHttp2 =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            HttpRequest request = HttpRequest.newBuilder(url.resolve("/test-http/count"))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            HttpResponse<String> answer = likesHttp2.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(answer.body()).isEqualTo("" + body.length);
        }
    }
}
