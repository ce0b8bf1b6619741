package dev.slipway.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads over TLS from a server whose certificate is for localhost, and vouched for by itself. */
@Timeout(60)
class FetcherTlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    static Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<String> askedFor = new CompletableFuture<>();
    private PfxOptions certificate;
    private HttpServer server;

    @BeforeEach
    void open() throws Exception {
        Path store = directory.resolve("store-" + System.nanoTime());
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "test",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        certificate = new PfxOptions().setPath(store.toString()).setPassword(PASSWORD);
        server = vertx.createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate))
                .requestHandler(this::answer)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void answer(HttpServerRequest request) {
        if (request.path().equals("/down")) {
            request.response()
                    .setStatusCode(302)
                    .putHeader("Location", "http://localhost:" + server.actualPort() + "/")
                    .end();
        } else {
            askedFor.complete(request.getHeader("Host"));
            request.response().end("bytes");
        }
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private String fetch(String host, String path, boolean trusted) {
        TestFetchConfig config = new TestFetchConfig(Optional.of(Set.of("localhost", "127.0.0.1")));
        var options = Fetcher.options(config);
        if (trusted) {
            options.setTrustOptions(certificate);
        }
        Fetcher fetcher = new Fetcher(new UrlPolicy(config), config, Fetcher.client(vertx, options));
        return fetcher.fetch(
                SourceUrl.parse("tar_url", "https://" + host + ":" + server.actualPort() + path),
                (body, length) -> new String(body.readAllBytes()),
                line -> {},
                new CompletableFuture<>());
    }

    private void refused(String host, String path, boolean trusted, ErrorCode code, String reason) {
        SlipwayException refused = catchThrowableOfType(SlipwayException.class, () -> fetch(host, path, trusted));
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.getMessage()).contains(reason);
        assertThat(askedFor).isNotDone();
    }

    @Test
    void the_name_is_what_the_server_is_asked_for_though_its_address_is_dialled() {
        assertThat(fetch("localhost", "/", true)).isEqualTo("bytes");
        assertThat(askedFor).isCompletedWithValue("localhost:" + server.actualPort());
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused() {
        refused("localhost", "/", false, ErrorCode.FETCH_FAILED, "certificate");
    }

    @Test
    void a_certificate_of_somebody_else_is_refused() {
        refused("127.0.0.1", "/", true, ErrorCode.FETCH_FAILED, "certificate");
    }

    @Test
    void a_redirect_away_from_encryption_is_refused() {
        refused("localhost", "/down", true, ErrorCode.URL_FORBIDDEN, "from https to http");
    }
}
