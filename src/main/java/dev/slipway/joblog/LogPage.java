package dev.slipway.joblog;

import dev.slipway.joblog.LogLine.Stream;
import dev.slipway.joblog.LogRepository.Stored;
import dev.slipway.joblog.LogRepository.StoredRow;
import java.util.ArrayList;
import java.util.List;

/** The lines that follow a number, with a remark wherever some were left out; {@code last} says that none will come. */
record LogPage(List<LogLine> lines, boolean last) {
    static final LogPage EMPTY = new LogPage(List.of(), false);

    static LogPage of(Stored stored, long after, LogLimits limits) {
        var lines = new ArrayList<LogLine>();
        long seen = after;
        for (StoredRow row : stored.rows()) {
            List<LogLine> decoded = LineCodec.decode(row.lines(), row.firstN(), row.attempt());
            if (row.firstN() > seen + 1) {
                lines.add(leftOut(decoded.getFirst(), row.firstN() - 1 - seen, limits));
            }
            int known = (int) Math.max(0, seen + 1 - row.firstN());
            lines.addAll(decoded.subList(known, decoded.size()));
            seen = row.lastN();
        }
        // A page with lines is never the last: it may be shared with others after the build was retried.
        return new LogPage(List.copyOf(lines), lines.isEmpty() && stored.ended());
    }

    /** Takes the number of the last line it stands for, so that reading goes on behind it. */
    private static LogLine leftOut(LogLine next, long count, LogLimits limits) {
        return new LogLine(next.n() - 1, next.at(), next.attempt(), next.step(), Stream.SYSTEM, limits.leftOut(count));
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    /** The number behind which the next page begins. */
    long end(long after) {
        return lines.isEmpty() ? after : lines.getLast().n();
    }
}
