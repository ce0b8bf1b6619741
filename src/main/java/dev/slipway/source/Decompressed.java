package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The archive's tar stream: the uncompressed bytes of all members after one another, up to the very end of the input. */
final class Decompressed extends InputStream {
    private final PeekStream in;
    private final Compression compression;
    private final MemoryShare memory;
    private final long most;
    private final DictionaryCache dictionaries;
    private int membersLeft;
    private InputStream member;
    private boolean ended;

    Decompressed(InputStream origin, SourceLimits limits, MemoryShare memory) {
        in = new PeekStream(origin);
        compression = Compression.of(in);
        this.memory = memory;
        dictionaries = new DictionaryCache(memory);
        most = Math.min(limits.decoderMemory().asLongValue(), memory.most());
        membersLeft = limits.maxEntries();
        guarded(() -> {
            openMember();
            return 0;
        });
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        return guarded(() -> {
            while (!ended) {
                int count = member.read(into, offset, length);
                if (count >= 0) {
                    return count;
                }
                nextMember();
            }
            return -1;
        });
    }

    /** Skips some of what stands in the input as it is, without copying it; nothing of what is compressed. */
    @Override
    public long skip(long count) {
        return member == in ? in.skip(count) : 0;
    }

    /** Where the next byte stands in the input; -1 where that is compressed. */
    long offset() {
        return member == in ? in.offset() : -1;
    }

    private void nextMember() throws IOException {
        closeMember();
        boolean padded = compression != Compression.NONE && skipZeros();
        if (in.ready(1) == 0) {
            ended = true;
        } else if (compression.begins(in) && (!padded || compression == Compression.XZ)) {
            openMember(); // only xz has padding between its members
        } else {
            throw Refusal.archive(ErrorCode.ARCHIVE_TRAILING_DATA, "other data follows its compressed part");
        }
    }

    private void openMember() throws IOException {
        if (membersLeft-- == 0) {
            throw Refusal.archive(ErrorCode.ARCHIVE_TOO_MANY_ENTRIES, "it is made of too many compressed members");
        }
        member = compression.open(in, most, memory, dictionaries);
    }

    private boolean skipZeros() {
        boolean skipped = false;
        while (in.ready(1) > 0 && in.buffer()[in.position()] == 0) {
            in.consume(1);
            skipped = true;
        }
        return skipped;
    }

    private void closeMember() throws IOException {
        InputStream closing = member;
        member = InputStream.nullInputStream();
        if (closing != in && closing != null) {
            closing.close();
        }
    }

    /** Frees the decoder; the origin is its owner's. */
    @Override
    public void close() throws IOException {
        ended = true;
        try {
            closeMember();
        } finally {
            dictionaries.close();
        }
    }

    // The libraries throw IOExceptions and RuntimeExceptions for damaged data; what the origin threw stays what it was.
    private static int guarded(Read read) {
        try {
            return read.run();
        } catch (SlipwayException | UncheckedIOException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw Compression.explain(e);
        }
    }

    private interface Read {
        int run() throws IOException;
    }
}
