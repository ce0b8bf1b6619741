package dev.slipway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web site on loopback that answers exactly what a test tells it to, byte by byte, one request per connection. */
public final class TestSite implements QuarkusTestResourceLifecycleManager, AutoCloseable {
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private ServerSocket server;

    /** What it does with a request. */
    public interface Page {
        /** Writes the answer; the connection ends when this returns. */
        void answer(Request request, OutputStream out) throws IOException;
    }

    /** A request as it came: header names in lower case. */
    public record Request(String target, Map<String, String> headers, Socket connection) {
        /** A header's value, or empty text. */
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }

        /** Waits until the client has gone away. */
        public void awaitHangUp() throws IOException {
            try {
                while (connection.getInputStream().read() >= 0) {
                    // it says nothing more, but may have said something
                }
            } catch (IOException e) {
                // a reset is a way to go, too
            }
        }
    }

    @Override
    public Map<String, String> start() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().name("site").start(this::accept);
        return Map.of(
                "slipway.fetch.allow-hosts", host(),
                "slipway.fetch.retry-delay", "PT0.01S",
                "slipway.facade.job.github", url("/"));
    }

    /** Its host and port. */
    public String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** The URL of a page. */
    public String url(String path) {
        return "http://" + host() + path;
    }

    /** Puts up a page. */
    public TestSite page(String path, Page page) {
        pages.put(path, page);
        return this;
    }

    /** Puts up a page with this content. */
    public TestSite content(String path, byte[] content) {
        return page(path, (request, out) -> {
            out.write(head(200, "Content-Length: " + content.length));
            out.write(content);
        });
    }

    /** Puts up a page that leads elsewhere. */
    public TestSite redirect(String path, String to) {
        return page(path, (request, out) -> out.write(head(302, "Content-Length: 0", "Location: " + to)));
    }

    /** The head of an answer. */
    public static byte[] head(int status, String... headers) {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\n");
        List.of(headers).forEach(header -> head.append(header).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The requests for a page so far, whatever their query. */
    public List<Request> requests(String path) {
        return requests.stream()
                .filter(request -> path(request.target()).equals(path))
                .toList();
    }

    private static String path(String target) {
        return target.split("\\?", 2)[0];
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            Request request = read(connection);
            requests.add(request);
            OutputStream out = connection.getOutputStream();
            Page page = pages.get(path(request.target()));
            if (page == null) {
                out.write(head(404, "Content-Length: 0"));
            } else {
                page.answer(request, out);
            }
            connection.shutdownOutput();
            request.awaitHangUp();
        } catch (IOException e) {
            // the client went away
        }
    }

    private static Request read(Socket connection) throws IOException {
        InputStream in = new BufferedInputStream(connection.getInputStream());
        List<String> lines = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            lines.add(line);
        }
        Map<String, String> headers = new TreeMap<>();
        lines.stream()
                .skip(1)
                .map(line -> line.split(": ", 2))
                .forEach(pair -> headers.put(pair[0].toLowerCase(Locale.ROOT), pair[1]));
        return new Request(lines.getFirst().split(" ")[1], headers, connection);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the request ends within its head");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(this, new TestInjector.MatchesType(TestSite.class));
    }

    @Override
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
