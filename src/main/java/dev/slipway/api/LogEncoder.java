package dev.slipway.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.slipway.joblog.LogLine;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/** Lines of a log as they go out, a batch at a time; written field by field, so that nothing is reflected upon. */
final class LogEncoder {
    private static final JsonFactory JSON =
            new JsonFactoryBuilder().rootValueSeparator("").build();

    private LogEncoder() {}

    static Buffer text(List<LogLine> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.plain()));
        return Buffer.buffer(text.toString());
    }

    /** One JSON object a line. */
    static Buffer ndjson(List<LogLine> lines) {
        return json(lines, false);
    }

    /** One event a line, whose id is the line's number. */
    static Buffer events(List<LogLine> lines) {
        return json(lines, true);
    }

    static Buffer event(String id, String name, String data) {
        return Buffer.buffer("id: " + id + "\nevent: " + name + "\ndata: " + data + "\n\n");
    }

    /** What keeps proxies from giving up on a stream that is silent; readers skip it. */
    static Buffer heartbeat() {
        return Buffer.buffer(": still building\n\n");
    }

    private static Buffer json(List<LogLine> lines, boolean events) {
        var bytes = new ByteArrayOutputStream(256 * lines.size());
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            Instant at = null;
            String time = null;
            for (LogLine line : lines) {
                if (!line.at().equals(at)) {
                    at = line.at();
                    time = at.toString();
                }
                if (events) {
                    json.writeRaw("id: " + line.n() + "\nevent: log\ndata: ");
                }
                write(json, line, time);
                json.writeRaw(events ? "\n\n" : "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Buffer.buffer(bytes.toByteArray());
    }

    private static void write(JsonGenerator json, LogLine line, String time) throws IOException {
        json.writeStartObject();
        json.writeNumberField("n", line.n());
        json.writeStringField("at", time);
        json.writeNumberField("attempt", line.attempt());
        json.writeStringField("step", line.step());
        json.writeStringField("stream", line.stream().label());
        json.writeStringField("text", line.text());
        json.writeEndObject();
    }
}
