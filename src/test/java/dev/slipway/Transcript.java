package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.TestClient.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A golden transcript: what a client of a wire format sends, and what it must get, word for word, replayed against the
 * running service. It is a text of exchanges with a line {@code ---} between them, each like
 *
 * <pre>
 * # What this is about.
 * > POST /build-push
 * > Some-Header: value
 * + image_name=hello
 * + file=@Dockerfile "FROM scratch\n"
 * < 200 application/json
 * {"status": 200, "build_id": "{{uuid:build}}"}
 * </pre>
 *
 * <p>{@code +} lines are the parts of a multipart form: a field, or a file whose content is a JSON string, {@code base64
 * …}, or {@code tar {"name": "text", …}} (also {@code tgz}). A {@code |} line is a line of a plain body instead. With
 * {@code until} in front of the status the request is repeated until the answer is the expected one.
 *
 * <p>In what is sent, <code>{{name}}</code> stands for what an earlier answer brought. In what is expected it must be
 * equal to that, and <code>{{kind:name}}</code> takes whatever is of that kind: see {@link Expectation}.
 */
public final class Transcript {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final String name;
    private final List<Exchange> exchanges;
    private final Map<String, String> known = new TreeMap<>();

    private Transcript(String name, List<Exchange> exchanges) {
        this.name = name;
        this.exchanges = exchanges;
    }

    private record Exchange(
            String method,
            String path,
            List<String> headers,
            List<String> parts,
            List<String> lines,
            boolean until,
            int status,
            String type,
            String body) {}

    /** Reads one from the test resources, for example {@code facade/upload/success.http}. */
    public static Transcript of(String resource) {
        try (InputStream in = Transcript.class.getResourceAsStream("/" + resource)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            List<Exchange> exchanges = new ArrayList<>();
            for (String exchange : text.split("(?m)^---$")) {
                exchanges.add(exchange(exchange));
            }
            return new Transcript(resource, exchanges);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a value known under a name, for example where the registry is. */
    public Transcript with(String key, String value) {
        known.put(key, value);
        return this;
    }

    /** Sends every request in turn and compares the answers; what was captured is returned by name. */
    public Map<String, String> replay(TestClient client) {
        for (int i = 0; i < exchanges.size(); i++) {
            Exchange exchange = exchanges.get(i);
            String where = name + ", exchange " + (i + 1) + ": " + exchange.method() + " " + exchange.path();
            if (exchange.until()) {
                repeat(client, exchange, where);
            } else {
                compare(exchange, send(client, exchange), where);
            }
        }
        return known;
    }

    private void repeat(TestClient client, Exchange exchange, String where) {
        try {
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(100))
                    .untilAsserted(() -> compare(exchange, send(client, exchange), where));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        }
    }

    private Answer send(TestClient client, Exchange exchange) {
        List<String> headers = new ArrayList<>();
        for (String header : exchange.headers()) {
            String[] pair = fill(header).split(":", 2);
            headers.addAll(List.of(pair[0].strip(), pair[1].strip()));
        }
        byte[] body = fill(String.join("\n", exchange.lines())).getBytes(StandardCharsets.UTF_8);
        if (!exchange.parts().isEmpty()) {
            TestForm form = new TestForm();
            exchange.parts().forEach(part -> add(form, fill(part)));
            body = form.body();
            headers.addAll(List.of("Content-Type", TestForm.type()));
        }
        return client.send(exchange.method(), fill(exchange.path()), body, headers.toArray(String[]::new));
    }

    private static void add(TestForm form, String part) {
        String[] field = part.split("=", 2);
        if (!field[1].startsWith("@")) {
            form.field(field[0], field[1]);
            return;
        }
        String[] file = field[1].substring(1).split(" ", 2);
        form.file(field[0], file[0], content(file[1]));
    }

    private static byte[] content(String spec) {
        if (spec.startsWith("base64 ")) {
            return Base64.getDecoder().decode(spec.substring(7));
        }
        if (spec.startsWith("tar ") || spec.startsWith("tgz ")) {
            TestSource source = new TestSource();
            new JsonObject(spec.substring(4)).forEach(file -> source.file(file.getKey(), (String) file.getValue()));
            return spec.startsWith("tar") ? source.tar() : source.tgz();
        }
        return new JsonObject("{\"text\":" + spec + "}").getString("text").getBytes(StandardCharsets.UTF_8);
    }

    private String fill(String template) {
        String filled = template;
        for (Map.Entry<String, String> value : known.entrySet()) {
            filled = filled.replace("{{" + value.getKey() + "}}", value.getValue());
        }
        return filled;
    }

    private void compare(Exchange exchange, Answer answer, String where) {
        assertThat(answer.status()).as("%s: %s", where, answer.body()).isEqualTo(exchange.status());
        assertThat(answer.header("Content-Type").split(";", 2)[0]).as(where).isEqualTo(exchange.type());
        Map<String, String> captured = new Expectation(known).compare(exchange.body(), answer.body(), where);
        known.putAll(captured);
    }

    private static Exchange exchange(String text) {
        List<String> sent = prefixed(text, "> ");
        List<String> expected = prefixed(text, "< ");
        assertThat(sent).as(text).isNotEmpty();
        assertThat(expected).as(text).hasSize(1);
        String[] request = sent.getFirst().split(" ", 2);
        String[] status = expected.getFirst().replaceFirst("^until ", "").split(" ", 2);
        int body = text.indexOf("\n< ") + 1 + ("< " + expected.getFirst()).length();
        return new Exchange(
                request[0],
                request[1],
                sent.subList(1, sent.size()),
                prefixed(text, "+ "),
                prefixed(text, "| "),
                expected.getFirst().startsWith("until "),
                Integer.parseInt(status[0]),
                status.length == 1 ? "" : status[1],
                text.substring(body).strip());
    }

    private static List<String> prefixed(String text, String prefix) {
        return text.lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }
}
