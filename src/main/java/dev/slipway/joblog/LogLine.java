package dev.slipway.joblog;

import java.time.Instant;
import java.util.Locale;

/**
 * One line of a build's log.
 *
 * @param n its number, which starts at 1 and runs on across the build's attempts
 * @param at when it was printed, by the database's clock
 * @param attempt the attempt that printed it
 * @param step the step that printed it; null for a remark from outside any step
 * @param stream where it came from
 * @param text the line without its end; no control characters but TAB and the ESC of colour sequences
 */
public record LogLine(long n, Instant at, int attempt, String step, Stream stream, String text) {
    /** Where a line came from. */
    public enum Stream {
        STDOUT,
        STDERR,
        /** Our own remarks. */
        SYSTEM;

        /** The stream as it stands in answers, for example {@code stdout}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The line as it stands in a plain-text log. */
    public String plain() {
        return text + "\n";
    }
}
