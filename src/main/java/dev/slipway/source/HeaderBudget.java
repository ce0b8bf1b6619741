package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.IOException;

/** How many bytes of headers and metadata one entry may still have. */
final class HeaderBudget {
    /** Up to here a record is not worth counting as memory. */
    private static final int ORDINARY = 4096;

    private final long limit;
    private final MemoryShare memory;
    private long taken;
    private long used;

    HeaderBudget(long limit, MemoryShare memory) {
        this.limit = limit;
        this.memory = memory;
    }

    /** Whether so many bytes could be read at all. */
    boolean holds(long bytes) {
        return bytes <= limit;
    }

    /** A new entry begins. */
    void reset() {
        used = 0;
        memory.giveBack(taken);
        taken = 0;
    }

    /** Reads so many bytes of metadata, if they are allowed. */
    byte[] read(TarInput in, long bytes) throws IOException {
        take(bytes);
        if (bytes > ORDINARY) {
            memory.take(2 * bytes); // itself, and the records made of it
            taken += 2 * bytes;
        }
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
