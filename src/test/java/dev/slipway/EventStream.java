package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client of server-sent events; opened when the head of the answer is there. Closing cuts the connection. */
public final class EventStream implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;

    /** One event. */
    public record Event(String id, String name, String data) {
        /** Its data, which is one JSON object. */
        public JsonObject json() {
            return new JsonObject(data);
        }
    }

    /** Asks for the events at {@code url}, with more headers as name, value, name, value. */
    public EventStream(URI url, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Accept", "text/event-stream");
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** The answer's status. */
    public int status() {
        return response.statusCode();
    }

    /** A header of the answer, or empty text. */
    public String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The next event; empty at the end of the answer. */
    public Optional<Event> next() {
        String id = null;
        String name = null;
        String data = null;
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && data != null) {
                    return Optional.of(new Event(id, name, data));
                } else if (line.startsWith(":")) {
                    continue;
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    assertThat(data).as("data of one line").isNull();
                    data = line.substring(6);
                } else {
                    assertThat(line).isEmpty();
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads on to the next comment. */
    public void awaitComment() throws IOException {
        String line = lines.readLine();
        while (line != null && !line.startsWith(":")) {
            line = lines.readLine();
        }
        assertThat(line).startsWith(":");
    }

    /** So many events, one after the other. */
    public List<Event> next(int count) {
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(next().orElseThrow());
        }
        return events;
    }

    /** All events that are left, to the end of the answer. */
    public List<Event> rest() {
        List<Event> events = new ArrayList<>();
        next().ifPresent(events::add);
        for (Optional<Event> event = next(); event.isPresent(); event = next()) {
            events.add(event.get());
        }
        return events;
    }

    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
