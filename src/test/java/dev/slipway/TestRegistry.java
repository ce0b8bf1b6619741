package dev.slipway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on loopback, behind a password, in a directory that is gone afterwards. */
public final class TestRegistry implements QuarkusTestResourceLifecycleManager, AutoCloseable {
    /** Who may push and pull. */
    public static final String USER = "demo";

    /** The right password. */
    public static final String PASSWORD = "correct horse";

    private static final String MANIFESTS =
            "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

    private Path directory;
    private Process process;
    private int port;

    @Override
    public Map<String, String> start() {
        try {
            directory = Files.createTempDirectory("slipway-test-registry-");
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            Files.writeString(directory.resolve("htpasswd"), USER + ":" + bcrypt());
            Files.writeString(directory.resolve("config.yml"), configuration());
            Files.writeString(
                    directory.resolve("auth.json"),
                    "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(host(), basicAuth()));
            up();
            return settings();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a service needs to know to push here by default, into the namespace {@code demo}. */
    public Map<String, String> settings() {
        return Map.of(
                "slipway.registry.default-host", host(),
                "slipway.registry.namespace", "demo",
                "slipway.registry.auth-file", directory.resolve("auth.json").toString(),
                "slipway.registry.insecure", host());
    }

    /** Its host and port, as they stand in image references. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    /** Starts it again after {@link #down}, with all it held. */
    public void up() throws IOException {
        process = new ProcessBuilder(
                        "docker-registry",
                        "serve",
                        directory.resolve("config.yml").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new IOException("the registry did not start: " + Files.readString(directory.resolve("log")));
            }
            Thread.onSpinWait();
        }
    }

    /** Stops it; connections to it are refused from then on. */
    public void down() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Lets it accept connections and never answer, until {@link #thaw}. */
    public void freeze() {
        ServiceProcess.signal("STOP", Long.toString(process.pid()));
    }

    /** Lets it go on. */
    public void thaw() {
        ServiceProcess.signal("CONT", Long.toString(process.pid()));
    }

    /** What a manifest's request answers, by tag or digest. */
    public HttpResponse<byte[]> manifest(String repository, String reference) throws IOException, InterruptedException {
        return fetch(repository + "/manifests/" + reference);
    }

    /** The configuration of the image under a tag: its labels, its environment. */
    public JsonObject configuration(String repository, String tag) throws IOException, InterruptedException {
        JsonObject manifest =
                new JsonObject(Buffer.buffer(manifest(repository, tag).body()));
        String digest = manifest.getJsonObject("config").getString("digest");
        return new JsonObject(
                        Buffer.buffer(fetch(repository + "/blobs/" + digest).body()))
                .getJsonObject("config");
    }

    private HttpResponse<byte[]> fetch(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + host() + "/v2/" + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Basic " + basicAuth())
                .header("Accept", MANIFESTS)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    /** The digest under which a tag is held; empty text where it is not there. */
    public String digest(String repository, String tag) throws IOException, InterruptedException {
        return manifest(repository, tag)
                .headers()
                .firstValue("Docker-Content-Digest")
                .orElse("");
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(TestRegistry.class));
    }

    @Override
    public void stop() {
        if (process != null) {
            down();
        }
        if (directory != null) {
            TestFiles.delete(directory);
        }
    }

    @Override
    public void close() {
        stop();
    }

    private boolean isListening() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static String basicAuth() {
        return Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    }

    private static String bcrypt() throws IOException {
        Process htpasswd = new ProcessBuilder(List.of("htpasswd", "-niB", USER)).start();
        htpasswd.getOutputStream().write((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
        htpasswd.getOutputStream().close();
        String line = new String(htpasswd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return line.strip().substring(USER.length() + 1);
    }

    private String configuration() {
        return """
                version: 0.1
                log: {level: warn}
                storage: {filesystem: {rootdirectory: %1$s/images}, delete: {enabled: true}}
                http: {addr: '%2$s'}
                auth: {htpasswd: {realm: test, path: %1$s/htpasswd}}
                """.formatted(directory, host());
    }
}
