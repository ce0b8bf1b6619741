package dev.slipway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** A real registry behind a proxy that fails as it is told: each fault once, for the first request that it fits. */
public final class FaultyRegistry implements QuarkusTestResourceLifecycleManager {
    private static final Set<String> NOT_PASSED_ON =
            Set.of("connection", "content-length", "host", "transfer-encoding", "date");

    private static final int TLS_HANDSHAKE = 0x16;

    private final TestRegistry registry = new TestRegistry();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger failed = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private ServerSocket front;
    private HttpServer proxy;
    private Path directory;

    /** What happens instead of an answer. */
    @FunctionalInterface
    public interface Failing {
        /** Deals with the request. */
        void fail(HttpExchange exchange, HttpResponse<byte[]> answer) throws IOException;
    }

    private record Fault(Pattern request, Failing failing) {}

    @Override
    public Map<String, String> start() {
        try {
            Map<String, String> settings = new HashMap<>(registry.start());
            proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            proxy.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            proxy.createContext("/", this::pass);
            proxy.start();
            front = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.startVirtualThread(this::accept);
            directory = Files.createTempDirectory("slipway-test-faults-");
            Path auth = directory.resolve("auth.json");
            String basic = Base64.getEncoder()
                    .encodeToString((TestRegistry.USER + ":" + TestRegistry.PASSWORD).getBytes(StandardCharsets.UTF_8));
            Files.writeString(auth, "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(host(), basic));
            settings.put("slipway.registry.default-host", host());
            settings.put("slipway.registry.insecure", host());
            settings.put("slipway.registry.auth-file", auth.toString());
            return settings;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its host and port, as they stand in image references. */
    public String host() {
        return "127.0.0.1:" + front.getLocalPort();
    }

    /** The registry behind it. */
    public TestRegistry registry() {
        return registry;
    }

    /** Fails the first request whose {@code METHOD path} a pattern finds. */
    public void fail(String request, Failing failing) {
        faults.add(new Fault(Pattern.compile(request), failing));
    }

    /** Forgets all faults that have not happened, and how many have. */
    public void mend() {
        faults.clear();
        failed.set(0);
    }

    /** How many faults have happened. */
    public int failed() {
        return failed.get();
    }

    /** Answers with a status and an error in the form of registries. */
    public static Failing status(int status, String code) {
        return (exchange, answer) -> {
            byte[] body = "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}"
                    .formatted(code, code.toLowerCase(Locale.ROOT))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        };
    }

    /** Closes the connection in the middle of the true answer, or before it where that is empty. */
    public static Failing cut() {
        return (exchange, answer) -> {
            if (answer.body().length > 1) {
                exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
                exchange.getResponseBody().write(answer.body(), 0, answer.body().length / 2);
                exchange.getResponseBody().flush();
            }
            throw new IOException("cut off");
        };
    }

    /** Never answers. */
    public Failing silence() {
        return (exchange, answer) -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IOException("never answered");
        };
    }

    private void accept() {
        while (!front.isClosed()) {
            try {
                Socket accepted = front.accept();
                Thread.startVirtualThread(() -> relay(accepted));
            } catch (IOException e) {
                // the test is over
            }
        }
    }

    /** Clients try TLS first, and the JDK's server would wait for the end of a line that never comes. */
    private void relay(Socket accepted) {
        try (accepted) {
            int first = accepted.getInputStream().read();
            if (first < 0 || first == TLS_HANDSHAKE) {
                return;
            }
            try (Socket behind = new Socket(
                    InetAddress.getLoopbackAddress(), proxy.getAddress().getPort())) {
                behind.getOutputStream().write(first);
                Thread.startVirtualThread(() -> pump(accepted, behind));
                pump(behind, accepted);
            }
        } catch (IOException e) {
            // one of them went away
        }
    }

    private static void pump(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of them went away
        }
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpResponse<byte[]> answer =
                    forward(exchange, exchange.getRequestBody().readAllBytes());
            answer.headers().map().forEach((name, values) -> values.stream()
                    .filter(value -> !NOT_PASSED_ON.contains(name))
                    .forEach(value -> exchange.getResponseHeaders().add(name, value.replace(registry.host(), host()))));
            String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            for (Fault fault : faults) {
                if (fault.request().matcher(request).find() && faults.remove(fault)) {
                    failed.incrementAndGet();
                    fault.failing().fail(exchange, answer);
                    return;
                }
            }
            boolean empty = exchange.getRequestMethod().equals("HEAD") || answer.body().length == 0;
            answer.headers()
                    .firstValue("content-length")
                    .filter(length -> exchange.getRequestMethod().equals("HEAD"))
                    .ifPresent(length -> exchange.getResponseHeaders().set("Content-Length", length));
            exchange.sendResponseHeaders(answer.statusCode(), empty ? -1 : answer.body().length);
            if (!empty) {
                exchange.getResponseBody().write(answer.body());
            }
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://" + registry.host() + exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        for (Map.Entry<String, List<String>> header :
                exchange.getRequestHeaders().entrySet()) {
            if (!NOT_PASSED_ON.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                header.getValue().forEach(value -> request.header(header.getKey(), value));
            }
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(FaultyRegistry.class));
    }

    @Override
    public void stop() {
        over.countDown();
        try {
            if (front != null) {
                front.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (proxy != null) {
            proxy.stop(0);
        }
        client.close();
        registry.stop();
        if (directory != null) {
            TestFiles.delete(directory);
        }
    }
}
