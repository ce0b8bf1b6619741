package dev.slipway.joblog;

import dev.slipway.joblog.LineCodec.Heading;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lines that are stored together as one row: already in the row's form, so that a flood costs no object per line. */
final class LineBlock {
    private static final int MAX_LINES = 4096;

    private final boolean tail;
    private byte[] bytes = new byte[1024];
    private int size;
    private int lines;
    private long skipped;
    private Heading heading;

    /** An empty block of the log's head, or of its rolling tail. */
    LineBlock(boolean tail) {
        this.tail = tail;
    }

    void add(Heading lineHeading, byte[] utf8, int offset, int length) {
        if (!lineHeading.equals(heading)) {
            byte[] encoded = lineHeading.encoded();
            put(encoded, 0, encoded.length);
            heading = lineHeading;
        }
        put(utf8, offset, length);
        bytes[size++] = '\n';
        lines++;
    }

    private void put(byte[] from, int offset, int length) {
        if (size + length + 1 > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + length + 1));
        }
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    boolean isFull(int maxSize) {
        return size >= maxSize || lines >= MAX_LINES;
    }

    boolean isTail() {
        return tail;
    }

    int size() {
        return size;
    }

    int lines() {
        return lines;
    }

    /** How many lines before this block were dropped. */
    long skipped() {
        return skipped;
    }

    void skip(long count) {
        skipped += count;
    }

    /** The form that is stored. */
    String text() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }
}
