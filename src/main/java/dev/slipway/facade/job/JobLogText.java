package dev.slipway.facade.job;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.slipway.joblog.LogLine;
import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** A log as {@code {"Logs":"…"}}, piece by piece: it may be longer than the heap is large. */
final class JobLogText {
    private JobLogText() {}

    static Multi<Buffer> of(Multi<List<LogLine>> lines) {
        return Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().item(Buffer.buffer("{\"Logs\":\"")),
                        lines.map(JobLogText::escaped),
                        Multi.createFrom().item(Buffer.buffer("\"}")));
    }

    private static Buffer escaped(List<LogLine> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.plain()));
        return Buffer.buffer(JsonStringEncoder.getInstance().quoteAsUTF8(text.toString()));
    }
}
