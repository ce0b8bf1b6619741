package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static dev.slipway.TestClient.errorType;
import static dev.slipway.TestClient.steps;
import static dev.slipway.TestSite.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestForm;
import dev.slipway.TestSite;
import dev.slipway.TestSource;
import dev.slipway.build.BuildRequest;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.vertx.VertxContextSupport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Builds whose source is a URL. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class UrlApiTest extends ApiFixture {
    @Inject
    Intake intake;

    TestSite site;
    private Set<String> sources;

    @BeforeEach
    void look() throws IOException {
        sources = data.sources();
    }

    @AfterEach
    void nothing_is_left_to_work_on() {
        data.awaitEmptyWork();
    }

    private static TestForm form(String image, String url) {
        return new TestForm().field("image", image).field("tar_url", url);
    }

    private void assertNothingStored() {
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    @Test
    void a_build_fetches_its_source_and_keeps_it() throws Exception {
        byte[] tgz = TestSource.holding("fetched").tgz();
        site.content("/fetched.tgz", tgz);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(tgz));

        JsonObject build = client.run(form("fetched", site.url("/fetched.tgz")), "SUCCEEDED");

        assertThat(steps(build, 1)).containsExactly("FETCH", "UNPACK", "BUILD", "TAG", "LOGIN", "PUSH");
        assertThat(build.getJsonObject("source"))
                .isEqualTo(new JsonObject()
                        .put("kind", "url")
                        .put("size", tgz.length)
                        .put("sha256", sha256));
        assertThat(build.getString("digest")).isEqualTo(registry.digest("demo/fetched", "latest"));
        assertThat(client.log(build.getString("id")))
                .contains("fetching " + site.url("/fetched.tgz"), "fetched " + tgz.length + " bytes, sha256 " + sha256);
        assertThat(Files.readAllBytes(data.source(build.getString("id")).resolve("source")))
                .isEqualTo(tgz);
    }

    @Test
    void a_url_in_the_query_needs_no_body() {
        site.content("/query.tar", TestSource.holding("query").tar());

        JsonObject build = client.ended(
                client.post(BUILDS + "?image=query&tar_url=" + site.url("/query.tar"))
                        .json(202)
                        .getString("id"),
                "SUCCEEDED");

        assertThat(build.getJsonObject("source").getString("kind")).isEqualTo("url");
        client.post(BUILDS + "?image=query&tar_url=" + site.url("/query.tar"), new byte[] {1})
                .problem(400, "request-invalid");
    }

    @Test
    void a_url_may_come_in_a_document() {
        site.content("/document.tar", TestSource.holding("document").tar());
        JsonObject document = new JsonObject()
                .put("images", new JsonArray().add("document"))
                .put("tarUrl", site.url("/document.tar"));

        JsonObject build = client.ended(client.post(BUILDS, document).json(202).getString("id"), "SUCCEEDED");

        assertThat(build.getJsonObject("source").getString("kind")).isEqualTo("url");
        for (String bad : new String[] {"http://10.0.0.1/", "ftp://example.com/"}) {
            JsonObject problem =
                    client.post(BUILDS, document.copy().put("tarUrl", bad)).problem(422, "url-forbidden");
            assertThat(problem.getString("field")).isEqualTo("tarUrl");
        }
        client.post(BUILDS, document.copy().put("dockerfile", "FROM scratch")).problem(400, "request-invalid");
    }

    /** What GitHub gives for a tag: one directory on top, and a comment before it. */
    @Test
    void the_only_directory_of_an_archive_may_be_taken_for_the_root() throws Throwable {
        site.content(
                "/v1.tar.gz",
                new TestSource()
                        .comment("0123456789012345678901234567890123456789")
                        .directory("repo-1/")
                        .file("repo-1/sub/Dockerfile", "FROM scratch\nCOPY text /text\n")
                        .file("repo-1/sub/text", "hello")
                        .tgz());

        JsonObject build = client.ended(stripped("context", "sub"), "SUCCEEDED");
        JsonObject failed = client.ended(stripped("context", "repo-1/sub"), "FAILED");

        assertThat(build.getString("digest")).isEqualTo(registry.digest("demo/stripped", "latest"));
        assertThat(errorType(failed)).isEqualTo("/problems/dockerfile-missing");
    }

    private String stripped(String field, String value) throws Throwable {
        BuildRequest request;
        try (Submission submission = intake.open(BuildRequest.Origin.API)) {
            submission.field("image", "stripped");
            submission.field(field, value);
            submission.url("tar_url", site.url("/v1.tar.gz"), true);
            request = submission.accept();
        }
        return VertxContextSupport.subscribeAndAwait(() -> intake.queue(request))
                .build()
                .id
                .toString();
    }

    @Test
    void what_is_not_fetched_yet_has_no_size_and_a_retry_after_a_later_failure_does_not_fetch_again() {
        CompletableFuture<Void> go = new CompletableFuture<>();
        byte[] tar = TestSource.running("RUN exit 3").tar();
        site.page("/slow.tar", (request, out) -> {
            out.write(head(200, "Content-Length: " + tar.length));
            out.write(tar, 0, 1000);
            out.flush();
            go.join();
            out.write(tar, 1000, tar.length - 1000);
        });
        String id = client.submit(form("slow", site.url("/slow.tar") + "?not=needed-any-more"));
        await().until(() -> "FETCH".equals(client.build(id).getString("step")));
        assertThat(client.build(id).getJsonObject("source"))
                .isEqualTo(new JsonObject().put("kind", "url").putNull("size").putNull("sha256"));
        go.complete(null);

        assertThat(errorType(client.ended(id, "FAILED"))).isEqualTo("/problems/build-failed");
        client.post(BUILDS + "/" + id + "/retry").json(202);
        JsonObject again = client.ended(id, "FAILED");

        assertThat(steps(again, 2)).containsExactly("UNPACK", "BUILD");
        assertThat(site.requests("/slow.tar")).hasSize(1);
    }

    @Test
    void a_fetch_that_failed_is_done_again_by_a_retry() {
        JsonObject failed = client.run(form("later", site.url("/later.tar")), "FAILED");
        String id = failed.getString("id");
        assertThat(errorType(failed)).isEqualTo("/problems/fetch-failed");
        assertThat(failed.getJsonObject("error").getString("detail")).contains("404", site.url("/later.tar"));
        assertThat(failed.getJsonObject("error").getString("step")).isEqualTo("FETCH");
        assertThat(failed.getJsonObject("error").getBoolean("retryable")).isTrue();
        assertNothingStored();
        site.content("/later.tar", TestSource.holding("later").tar());

        client.post(BUILDS + "/" + id + "/retry").json(202);

        assertThat(steps(client.ended(id, "SUCCEEDED"), 2)).startsWith("FETCH", "UNPACK");
    }

    /** Its worker died between the two. */
    @Test
    void what_was_stored_and_never_recorded_is_fetched_again() {
        site.content("/unrecorded.tar", TestSource.running("RUN exit 3").tar());
        String id = client.run(form("unrecorded", site.url("/unrecorded.tar")), "FAILED")
                .getString("id");
        assertThat(Files.exists(data.source(id).resolve("source"))).isTrue();
        data.run("update build set source_size = null, source_sha256 = null where id = $1", UUID.fromString(id));
        byte[] tar = TestSource.holding("unrecorded").tar();
        site.content("/unrecorded.tar", tar);

        client.post(BUILDS + "/" + id + "/retry").json(202);
        JsonObject build = client.ended(id, "SUCCEEDED");

        assertThat(steps(build, 2)).startsWith("FETCH", "UNPACK");
        assertThat(build.getJsonObject("source").getInteger("size")).isEqualTo(tar.length);
    }

    @Test
    void a_failure_that_passes_is_only_a_line_in_the_log() {
        AtomicInteger asked = new AtomicInteger();
        byte[] tar = TestSource.holding("busy").tar();
        site.page("/busy.tar", (request, out) -> {
            if (asked.incrementAndGet() == 1) {
                out.write(head(503, "Content-Length: 0"));
            } else {
                out.write(head(200, "Content-Length: " + tar.length));
                out.write(tar);
            }
        });

        JsonObject build = client.run(form("busy", site.url("/busy.tar")), "SUCCEEDED");

        assertThat(client.log(build.getString("id"))).contains("the server answered 503; next try in ");
    }

    @ParameterizedTest
    @CsvSource({
        "page, fetch-failed", "empty, archive-corrupt", "nodockerfile, dockerfile-missing", "policy, dockerfile-policy",
        "zip, unsupported-media-type", "short, fetch-failed", "tail, archive-trailing-data", "inside, url-forbidden",
        "name, url-forbidden", "loop, fetch-failed", "huge, archive-too-large"
    })
    void what_is_no_source_fails_with_its_reason_and_leaves_nothing(String page, String code) {
        site.content("/page", "<html><body>Please log in</body></html>".getBytes(StandardCharsets.UTF_8));
        site.content("/empty", new byte[0]);
        site.content("/nodockerfile", new TestSource().file("a", "b").tar());
        site.content(
                "/policy",
                new TestSource().file("Dockerfile", "FROM dir:/etc\n").tar());
        site.content("/zip", new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0});
        byte[] tar = TestSource.holding("odd").tar();
        site.page("/short", (request, out) -> {
            out.write(head(200, "Content-Length: " + tar.length));
            out.write(tar, 0, tar.length / 2);
        });
        site.page("/tail", (request, out) -> {
            out.write(head(200));
            out.write(tar);
            out.write(1);
        });
        site.redirect("/inside", "http://169.254.169.254/latest/meta-data");
        site.redirect("/name", "http://localhost/");
        site.redirect("/loop", "/loop");
        site.page("/huge", (request, out) -> out.write(head(200, "Content-Length: 99999999999999")));

        JsonObject build = client.run(form("odd", site.url("/" + page)), "FAILED");

        assertThat(errorType(build)).isEqualTo("/problems/" + code);
        assertThat(build.getJsonObject("error").getString("step")).isEqualTo("FETCH");
        assertThat(build.getJsonObject("error").getString("detail"))
                .startsWith("tried to ")
                .contains(" but ");
        assertThat(steps(build, 1)).containsExactly("FETCH");
        assertThat(build.getJsonObject("source").getValue("sha256")).isNull();
        assertNothingStored();
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://example.com/a, 422, url-forbidden",
        "http://localhost/a, 422, url-forbidden",
        "http://127.1/a, 422, url-forbidden",
        "http://2130706433/, 422, url-forbidden",
        "http://[::ffff:127.0.0.1]/, 422, url-forbidden",
        "http://example.com@127.0.0.1/, 422, url-forbidden",
        "example.com/a.tar, 400, request-invalid",
        "http://a@b@example.com/, 400, request-invalid"
    })
    void a_url_that_may_not_be_fetched_is_no_build(String text, int status, String code) {
        long builds = data.builds();

        JsonObject problem = client.post(BUILDS, form("refused", text)).problem(status, code);

        assertThat(problem.getString("field")).isEqualTo("tar_url");
        assertThat(problem.getString("detail")).startsWith("tried to read the field `tar_url` but ");
        assertThat(data.builds()).isEqualTo(builds);
        assertNothingStored();
    }

    @Test
    void there_is_one_source_and_no_other() {
        String there = site.url("/one.tar");

        for (TestForm two : new TestForm[] {
            form("a", there).source(TestSource.holding("a")),
            form("a", there).field("dockerfile", "FROM scratch"),
            form("a", there).field("tar_url", there),
            form("a", there).file("files", "one", new byte[1])
        }) {
            client.post(BUILDS, two).problem(400, "request-invalid");
        }
        assertNothingStored();
    }

    @Test
    void what_a_url_keeps_secret_is_used_and_nowhere_seen() throws Exception {
        String password = "pass-4Zk8qW1";
        String signature = "sig-9Ub3xT7";
        byte[] tar = TestSource.holding("secret").tar();
        AtomicBoolean stored = new AtomicBoolean();
        site.page("/secret.tar", (request, out) -> {
            boolean known = request.header("Authorization").equals("Basic dTpwYXNzLTRaazhxVzE=")
                    && request.target().endsWith("?" + signature);
            stored.set(!data.filesWith(password).isEmpty()
                    || !data.filesWith(signature).isEmpty());
            out.write(head(known ? 200 : 401, "Content-Length: " + (known ? tar.length : 0)));
            out.write(tar, 0, known ? tar.length : 0);
        });
        String secret = site.url("/secret.tar").replace("http://", "http://u:" + password + "@") + "?" + signature;

        JsonObject build = client.run(form("secret", secret), "SUCCEEDED");

        String id = build.getString("id");
        assertThat(stored).isFalse();
        assertThat(build.encode() + client.log(id)).doesNotContain(password, signature);
        assertThat(data.filesWith(password) + data.filesWith(signature)).isEmpty();
        assertThat(data.row(
                                "select source_url from build where id = $1 and source_url_secret is null",
                                UUID.fromString(id))
                        .getString(0))
                .isEqualTo(site.url("/secret.tar"));
    }

    @Test
    void a_retry_cannot_fetch_with_what_was_erased() {
        JsonObject failed = client.run(form("erased", site.url("/not-there.tar") + "?sig=hidden"), "FAILED");

        assertThat(failed.encode()).doesNotContain("hidden");
        JsonObject problem =
                client.post(BUILDS + "/" + failed.getString("id") + "/retry").problem(409, "credentials-required");
        assertThat(problem.getString("detail")).contains("URL", "hand the build in again");
    }

    @Test
    void a_request_sent_again_finds_its_build_and_another_url_is_another_request() {
        site.content("/again.tar", TestSource.holding("again").tar());
        String there = site.url("/again.tar");
        String key = "again-" + System.nanoTime();
        String id = keyed(key, there + "?a=1").json(202).getString("id");

        assertThat(keyed(key, there.replace("http", "HTTP") + "?a=1").json(202).getString("id"))
                .isEqualTo(id);
        keyed(key, there + "?a=2").problem(422, "idempotency-key-reused");
        client.ended(id, "SUCCEEDED");
    }

    private TestClient.Answer keyed(String key, String there) {
        return client.post(BUILDS, form("again", there), "Idempotency-Key", key);
    }

    @Test
    void a_fetch_is_cancelled_at_once() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<Void> gone = new CompletableFuture<>();
        byte[] tar = TestSource.holding("cancelled").tar();
        site.page("/endless.tar", (request, out) -> {
            out.write(head(200, "Content-Length: " + tar.length));
            out.write(tar, 0, 1024);
            out.flush();
            asked.complete(null);
            request.awaitHangUp();
            gone.complete(null);
        });
        String id = client.submit(form("cancelled", site.url("/endless.tar")));
        asked.join();

        client.post(BUILDS + "/" + id + "/cancel").json(202);

        assertThat(steps(client.ended(id, "CANCELLED"), 1)).containsExactly("FETCH");
        gone.join();
        assertThat(site.requests("/endless.tar")).hasSize(1);
        assertNothingStored();
    }
}
