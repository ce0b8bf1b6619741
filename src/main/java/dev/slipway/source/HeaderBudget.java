package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.IOException;

/** How many bytes of headers and metadata one entry may still have. */
final class HeaderBudget {
    private final long limit;
    private long used;

    HeaderBudget(long limit) {
        this.limit = limit;
    }

    /** Whether so many bytes could be read at all. */
    boolean holds(long bytes) {
        return bytes <= limit;
    }

    /** A new entry begins. */
    void reset() {
        used = 0;
    }

    /** Reads so many bytes of metadata, if they are allowed. */
    byte[] read(TarInput in, long bytes) throws IOException {
        take(bytes);
        byte[] read = new byte[(int) bytes];
        in.readFully(read, 0);
        return read;
    }

    /** Counts bytes. */
    void take(long bytes) {
        if (bytes > limit - used) {
            throw Refusal.archive(ErrorCode.ARCHIVE_TOO_LARGE, "an entry has more than " + limit + " bytes of headers");
        }
        used += bytes;
    }
}
