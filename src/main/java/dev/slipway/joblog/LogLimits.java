package dev.slipway.joblog;

import java.util.Locale;

/**
 * How much of an attempt's log goes where, in stored bytes.
 *
 * @param head is kept from the beginning
 * @param tail is kept from the end once the head is full
 * @param pending may wait for the database while the head fills
 * @param flood may be printed per second past the head
 */
record LogLimits(long head, long tail, long pending, long flood) {
    private static final int LARGEST_BLOCK = 256 * 1024;
    private static final int SMALLEST_BLOCK = 4 * 1024;

    static LogLimits of(JobLogConfig config) {
        long most = config.maxBytes().asLongValue();
        // The cause of a failure stands at the end, but what led there is read from the beginning.
        long tail = most / 4;
        return new LogLimits(
                most - tail,
                tail,
                config.bufferBytes().asLongValue(),
                config.floodRate().asLongValue());
    }

    /** How large a row may grow: the tail rolls by whole rows, so it must hold several. */
    int block() {
        return Math.clamp(tail / 8, SMALLEST_BLOCK, LARGEST_BLOCK);
    }

    /** What stands in the log where lines were left out. */
    String leftOut(long lines) {
        return String.format(
                Locale.ROOT,
                "… %,d %s left out: a log keeps its first %s and last %s, an old one its last lines …",
                lines,
                lines == 1 ? "line" : "lines",
                size(head),
                size(tail));
    }

    private static String size(long bytes) {
        return bytes >= 1024 * 1024 ? bytes / (1024 * 1024) + " MiB" : bytes / 1024 + " KiB";
    }
}
