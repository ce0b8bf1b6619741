package dev.slipway.fetch;

import static dev.slipway.TestSite.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.TestSite;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a site that does what it likes, over real connections. */
@Timeout(60)
class FetcherTest {
    private static final byte[] BODY = "the bytes of an archive".getBytes(StandardCharsets.UTF_8);
    private static Vertx vertx;

    private final TestSite site = new TestSite();
    private final TestSite other = new TestSite();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private final AtomicInteger stores = new AtomicInteger();
    private Fetcher fetcher;

    @BeforeAll
    static void begin() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void end() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void open() {
        site.start();
        other.start();
        TestFetchConfig config = TestFetchConfig.allowing(site.host(), other.host());
        fetcher = new Fetcher(new UrlPolicy(config), config, vertx);
    }

    @AfterEach
    void close() {
        site.close();
        other.close();
    }

    private byte[] fetch(String url) {
        return fetcher.fetch(SourceUrl.parse("tar_url", url), this::store, log::add, stop);
    }

    private byte[] store(InputStream body, OptionalLong length) throws IOException {
        stores.incrementAndGet();
        return body.readAllBytes();
    }

    private String refusal(String url, ErrorCode code) {
        SlipwayException refused = null;
        try {
            fetch(url);
        } catch (SlipwayException e) {
            refused = e;
        }
        assertThat(refused).as("the failure of " + url).isNotNull();
        assertThat(refused.code()).as(refused.getMessage()).isEqualTo(code);
        assertThat(refused.getMessage()).startsWith("tried to ").contains(" but ");
        return refused.getMessage();
    }

    @Test
    void a_body_comes_as_it_was_sent() {
        byte[] large = new byte[5_000_000];
        new Random(1).nextBytes(large);
        site.content("/large", large);
        site.page("/chunked", (request, out) -> {
            out.write(head(200, "Transfer-Encoding: chunked"));
            out.write("5\r\nthe b\r\n12\r\nytes of an archive\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        });
        site.page("/old", (request, out) -> {
            out.write("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            out.write(BODY);
        });

        assertThat(fetch(site.url("/large"))).isEqualTo(large);
        assertThat(fetch(site.url("/chunked"))).isEqualTo(BODY);
        assertThat(fetch(site.url("/old"))).isEqualTo(BODY);
        assertThat(log).contains("fetching " + site.url("/old"));
    }

    @Test
    void a_request_says_who_is_asked_for_and_nothing_needless() {
        site.content("/a", BODY);

        fetch(site.url("/a?x=1&y=%20"));

        TestSite.Request request = site.requests("/a").getFirst();
        assertThat(request.target()).isEqualTo("/a?x=1&y=%20");
        assertThat(request.header("Host")).isEqualTo(site.host());
        assertThat(request.headers()).doesNotContainKey("authorization");
    }

    @Test
    void user_and_password_go_to_their_own_host_and_not_beyond() {
        site.redirect("/a", "/b").redirect("/b", other.url("/c"));
        other.redirect("/c", site.url("/d"));
        site.content("/d", BODY);

        fetch(site.url("/a?key=hidden").replace("http://", "http://me:p%40ss+word@"));

        String basic = "Basic bWU6cEBzcyt3b3Jk"; // me:p@ss+word
        assertThat(site.requests("/a").getFirst().header("Authorization")).isEqualTo(basic);
        assertThat(site.requests("/b").getFirst().header("Authorization")).isEqualTo(basic);
        assertThat(other.requests("/c").getFirst().headers()).doesNotContainKey("authorization");
        assertThat(site.requests("/d").getFirst().headers()).doesNotContainKey("authorization");
        assertThat(log.toString())
                .contains("redirected to " + other.url("/c"))
                .doesNotContain("hidden")
                .doesNotContain("p%40ss");
    }

    @Test
    void five_redirects_are_followed_and_no_more() {
        for (int i = 0; i < 6; i++) {
            site.redirect("/" + i, "/" + (i + 1) + "?sig=hidden");
        }
        site.content("/6", BODY);
        site.redirect("/loop", "/loop");

        assertThat(fetch(site.url("/1"))).isEqualTo(BODY);
        assertThat(refusal(site.url("/0"), ErrorCode.FETCH_FAILED))
                .contains("more than 5")
                .doesNotContain("hidden");
        assertThat(refusal(site.url("/loop"), ErrorCode.FETCH_FAILED)).contains("more than 5");
        assertThat(site.requests("/loop")).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:1/x", "http://localhost:1/", "http://2130706433:1/", "http://[::1]:1/",
                "http://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/"
            })
    void a_redirect_to_where_nobody_may_ask_is_forbidden(String to) {
        site.redirect("/away", to + "?hidden");

        assertThat(refusal(site.url("/away"), ErrorCode.URL_FORBIDDEN)).doesNotContain("hidden");
        assertThat(site.requests("/away")).hasSize(1);
    }

    @Test
    void a_redirect_that_cannot_be_used_is_told() {
        site.redirect("/user", "http://u:hidden@" + other.host() + "/").redirect("/odd", "http://hidden hidden/");
        site.page("/nowhere", (request, out) -> out.write(head(302, "Content-Length: 0")));

        assertThat(refusal(site.url("/user"), ErrorCode.FETCH_FAILED))
                .contains("password")
                .doesNotContain("hidden");
        assertThat(refusal(site.url("/odd"), ErrorCode.FETCH_FAILED)).doesNotContain("hidden");
        assertThat(refusal(site.url("/nowhere"), ErrorCode.FETCH_FAILED)).contains("Location");
    }

    @Test
    void a_name_is_judged_by_the_addresses_it_has() {
        String url = site.url("/").replace("127.0.0.1", "localhost");

        assertThat(refusal(url, ErrorCode.URL_FORBIDDEN)).contains("loopback");
        assertThat(site.requests("/")).isEmpty();
    }

    @Test
    void a_name_that_nobody_knows_is_told() {
        assertThat(refusal("http://nobody.invalid/", ErrorCode.FETCH_FAILED)).contains("nobody.invalid", "not known");
    }

    @Test
    void what_is_not_there_is_not_asked_for_again() {
        assertThat(refusal(site.url("/none?hidden"), ErrorCode.FETCH_FAILED))
                .contains(site.url("/none"), "404")
                .doesNotContain("hidden");
        assertThat(site.requests("/none")).hasSize(1);
    }

    @Test
    void what_may_pass_is_tried_again() {
        AtomicInteger asked = new AtomicInteger();
        site.page("/busy", (request, out) -> {
            switch (asked.incrementAndGet()) {
                case 1 -> out.write(head(503, "Content-Length: 0", "Retry-After: 3600"));
                case 2 -> out.write(head(429, "Content-Length: 0", "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT"));
                default -> {
                    out.write(head(200, "Content-Length: " + BODY.length));
                    out.write(BODY);
                }
            }
        });

        assertThat(fetch(site.url("/busy"))).isEqualTo(BODY);
        assertThat(log)
                .filteredOn(line -> line.equals("fetching " + site.url("/busy")))
                .hasSize(3);
        assertThat(log).anyMatch(line -> line.startsWith("the server answered 503; next try in "));
        assertThat(stores).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Fri, 31 Dec 9999 23:59:59 GMT",
                "Mon, 1 Jan 0001 00:00:00 GMT",
                "999999999",
                "9223372036854775807",
                "99999999999999999999999999",
                "-1",
                "soon"
            })
    void whatever_a_server_asks_for_the_next_try_comes_within_the_longest_wait(String wish) {
        site.page("/busy", (request, out) -> out.write(head(503, "Content-Length: 0", "Retry-After: " + wish)));

        assertThat(refusal(site.url("/busy"), ErrorCode.FETCH_FAILED)).contains("503", "3 times");
        if (wish.startsWith("99") || wish.startsWith("Fri")) {
            assertThat(log).contains("the server answered 503; next try in 50 ms");
        }
    }

    @Test
    void what_does_not_pass_fails_after_the_last_try() {
        site.page("/down", (request, out) -> out.write(head(500, "Content-Length: 0")));

        assertThat(refusal(site.url("/down"), ErrorCode.FETCH_FAILED)).contains("500", "3 times");
        assertThat(site.requests("/down")).hasSize(3);
    }

    @Test
    void a_site_that_is_down_is_tried_again() {
        String url = other.url("/");
        other.close();

        assertThat(refusal(url, ErrorCode.FETCH_FAILED)).contains("no connection", "3 times");
    }

    @Test
    void a_body_that_breaks_off_never_counts_as_whole() {
        site.page("/short", (request, out) -> {
            out.write(head(200, "Content-Length: 1000"));
            out.write(BODY);
        });
        site.page("/half-chunk", (request, out) -> {
            out.write(head(200, "Transfer-Encoding: chunked"));
            out.write("ff\r\nthe b".getBytes(StandardCharsets.UTF_8));
        });
        site.page("/no-last-chunk", (request, out) -> {
            out.write(head(200, "Transfer-Encoding: chunked"));
            out.write("5\r\nthe b\r\n".getBytes(StandardCharsets.UTF_8));
        });

        for (String page : List.of("/short", "/half-chunk", "/no-last-chunk")) {
            assertThat(refusal(site.url(page), ErrorCode.FETCH_FAILED)).contains("broke", "3 times");
        }
    }

    @Test
    void a_server_that_hangs_up_or_speaks_otherwise_is_told() {
        site.page("/nothing", (request, out) -> {});
        site.page("/ssh", (request, out) -> out.write("SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.UTF_8)));
        site.page("/endless", (request, out) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 10_000; i++) {
                out.write(("X-" + i + ": hidden\r\n").getBytes(StandardCharsets.UTF_8));
            }
        });

        assertThat(refusal(site.url("/nothing"), ErrorCode.FETCH_FAILED)).contains("broke", "3 times");
        assertThat(refusal(site.url("/ssh"), ErrorCode.FETCH_FAILED)).contains("HTTP");
        assertThat(refusal(site.url("/endless"), ErrorCode.FETCH_FAILED))
                .contains("headers are longer than 32768 bytes")
                .doesNotContain("hidden");
    }

    @Test
    void long_headers_are_taken() {
        site.page("/long", (request, out) -> {
            out.write(head(200, "X-Policy: " + "x".repeat(30_000), "Content-Length: " + BODY.length));
            out.write(BODY);
        });

        assertThat(fetch(site.url("/long"))).isEqualTo(BODY);
    }

    @Test
    void a_server_that_says_nothing_is_left_at_the_deadline() {
        site.page("/silent", (request, out) -> request.awaitHangUp());
        site.page("/stalls", (request, out) -> {
            out.write(head(200, "Content-Length: 1000"));
            out.write(BODY);
            request.awaitHangUp();
        });

        assertThat(refusal(site.url("/silent"), ErrorCode.FETCH_FAILED)).contains("did not answer within 1 s");
        assertThat(refusal(site.url("/stalls"), ErrorCode.FETCH_FAILED)).contains("nothing for 1 s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE html><html><body>Not an archive</body></html>",
                "\n\n  <html>",
                "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>"
            })
    void a_web_page_is_no_archive(String page) {
        site.content("/page", page.getBytes(StandardCharsets.UTF_8));

        assertThat(refusal(site.url("/page"), ErrorCode.FETCH_FAILED)).contains("web page");
    }

    @Test
    void what_its_reader_refuses_comes_out_as_it_is() {
        site.content("/a", BODY);
        SlipwayException judged = new SlipwayException(ErrorCode.ARCHIVE_CORRUPT, "tried to read but it is a test");

        assertThatThrownBy(() -> fetcher.fetch(
                        SourceUrl.parse("tar_url", site.url("/a")),
                        (body, length) -> {
                            assertThat(length).hasValue(BODY.length);
                            throw judged;
                        },
                        log::add,
                        stop))
                .isSameAs(judged);
    }

    @Test
    void a_fetch_that_is_stopped_ends_at_once_and_hangs_up() throws Exception {
        CompletableFuture<Void> hungUp = new CompletableFuture<>();
        site.page("/stalls", (request, out) -> {
            out.write(head(200, "Content-Length: 100000"));
            out.write(new byte[600]);
            out.flush();
            stop.complete(null);
            request.awaitHangUp();
            hungUp.complete(null);
        });

        assertThatThrownBy(() -> fetch(site.url("/stalls")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("stopped");
        hungUp.join();
        assertThatThrownBy(() -> fetch(site.url("/stalls"))).isInstanceOf(UncheckedIOException.class);
        assertThat(site.requests("/stalls")).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void the_progress_of_a_large_body_is_told() {
        site.content("/large", new byte[12 << 20]);

        fetch(site.url("/large"));

        assertThat(log).filteredOn(line -> line.endsWith("%)")).hasSizeBetween(1, 9);
        assertThat(log).filteredOn(line -> line.endsWith("%)")).allMatch(line -> line.contains(" of 12582912 bytes ("));
    }
}
