package dev.slipway.joblog;

import dev.slipway.joblog.LogLine.Stream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The form of lines in a row: their text, under headings that say when, by which stream and in which step. */
final class LineCodec {
    /** Begins a heading; a line cannot hold it, because {@link LineSplitter} makes a picture of it. */
    private static final char HEADING = '\u0001';

    private LineCodec() {}

    /** What lines that follow each other have in common; {@code step} is null outside any step. */
    record Heading(Instant at, Stream stream, String step) {
        /** For example {@code ␁1762500000000 stdout BUILD}, with a newline. */
        byte[] encoded() {
            String text = HEADING
                    + Long.toString(at.toEpochMilli())
                    + ' '
                    + stream.label()
                    + ' '
                    + (step == null ? "" : step)
                    + '\n';
            return text.getBytes(StandardCharsets.UTF_8);
        }

        static Heading decoded(String text) {
            String[] parts = text.substring(1).split(" ", 3);
            return new Heading(
                    Instant.ofEpochMilli(Long.parseLong(parts[0])),
                    Stream.valueOf(parts[1].toUpperCase(Locale.ROOT)),
                    parts[2].isEmpty() ? null : parts[2]);
        }
    }

    /** The lines of a row whose first one has the number {@code firstN}. */
    static List<LogLine> decode(String text, long firstN, int attempt) {
        var lines = new ArrayList<LogLine>();
        Heading heading = null;
        long n = firstN;
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            String line = text.substring(start, end);
            if (!line.isEmpty() && line.charAt(0) == HEADING) {
                heading = Heading.decoded(line);
            } else {
                lines.add(new LogLine(n++, heading.at(), attempt, heading.step(), heading.stream(), line));
            }
            start = end + 1;
        }
        return lines;
    }
}
