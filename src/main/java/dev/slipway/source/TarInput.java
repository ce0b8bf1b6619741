package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.IOException;

/** The tar stream with its two promises: it never gives more than the limit allows, and its end is never silent. */
final class TarInput {
    private final Decompressed in;
    private final long limit;
    private final byte[] skipped = new byte[16 * 1024];
    private long charged;

    TarInput(Decompressed in, long limit) {
        this.in = in;
        this.limit = limit;
    }

    /** Counts bytes that will be unpacked without standing in the stream: the holes of sparse files. */
    void charge(long bytes) {
        expect(bytes);
        charged += bytes;
    }

    /** Refuses what is announced and would be too much, before it is read. */
    void expect(long bytes) {
        if (bytes > limit - charged) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_LARGE, "it unpacks to more than the " + limit + " bytes that are allowed");
        }
    }

    /** Fills a block; false if the stream ended right before it. */
    boolean readBlock(byte[] block) throws IOException {
        int first = in.read(block, 0, block.length);
        if (first < 0) {
            return false;
        }
        charge(first);
        readFully(block, first);
        return true;
    }

    /** Fills the rest of an array. */
    void readFully(byte[] into, int from) throws IOException {
        int at = from;
        while (at < into.length) {
            at += read(into, at, into.length - at);
        }
    }

    /** Reads at least one byte. */
    int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
        if (count < 0) {
            throw truncated();
        }
        charge(count);
        return count;
    }

    /** Reads and forgets. */
    void skip(long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            long count = in.skip(left);
            charge(count);
            left -= count > 0 ? count : read(skipped, 0, (int) Math.min(left, skipped.length));
        }
    }

    /** Where the next byte stands in the archive; -1 where that is compressed. */
    long offset() {
        return in.offset();
    }

    /** Reads to the end of everything, where only zeros may stand. */
    void finish() throws IOException {
        int count;
        while ((count = in.read(skipped, 0, skipped.length)) >= 0) {
            charge(count);
            for (int i = 0; i < count; i++) {
                if (skipped[i] != 0) {
                    throw Refusal.archive(ErrorCode.ARCHIVE_TRAILING_DATA, "other data follows its end mark");
                }
            }
        }
    }

    /** The bytes between the end of some content and the next block. */
    static long padding(long size) {
        return -size & TarHeader.BLOCK - 1;
    }

    static RuntimeException truncated() {
        return Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "it ends too early (cut off?)");
    }
}
