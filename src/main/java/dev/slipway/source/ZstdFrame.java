package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.InputStream;

/**
 * The bytes of one zstd frame, still compressed: it finds the frame's end by its block headers, so that the decoder never
 * reads into what follows, and judges the window before any memory is asked for.
 */
final class ZstdFrame extends InputStream {
    private static final int[] ID_BYTES = {0, 1, 2, 4};
    private static final int[] SIZE_BYTES = {0, 2, 4, 8};
    private static final int COMPRESSED_MAX = 128 * 1024;

    private final PeekStream in;
    private final boolean checksummed;
    private final long window;
    private long remaining;
    private boolean lastBlock;

    ZstdFrame(PeekStream in, long memory) {
        this.in = in;
        byte[] head = in.buffer();
        int descriptor = byteAt(in.ready(18), 4);
        int at = in.position() + 5;
        boolean single = (descriptor & 0x20) != 0;
        int sizeFlag = descriptor >>> 6;
        int idBytes = ID_BYTES[descriptor & 3];
        int sizeBytes = sizeFlag == 0 && single ? 1 : SIZE_BYTES[sizeFlag];
        int length = 5 + (single ? 0 : 1) + idBytes + sizeBytes;
        if (in.ready(18) < length || (descriptor & 0x08) != 0) {
            throw damaged();
        }
        window = single ? contentSize(head, at + idBytes, sizeBytes) : windowOf(head[at] & 0xff);
        if (window < 0 || window > memory) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_MEMORY_LIMIT,
                    "its zstd data needs a window of " + Long.toUnsignedString(window) + " bytes, and " + memory
                            + " are allowed");
        }
        checksummed = (descriptor & 0x04) != 0;
        remaining = length;
    }

    /** What the decoder keeps of the content to refer to. */
    long window() {
        return window;
    }

    /** Skips one skippable frame, which holds no content. */
    static void skip(PeekStream in) {
        if (in.ready(8) < 8) {
            throw damaged();
        }
        in.consume(4);
        long length = 0;
        for (int i = 0; i < 4; i++) {
            length |= (long) in.read() << 8 * i;
        }
        while (length > 0) {
            int step = (int) Math.min(length, in.ready(1));
            if (step == 0) {
                throw damaged();
            }
            in.consume(step);
            length -= step;
        }
    }

    private int byteAt(int ready, int index) {
        if (ready <= index) {
            throw damaged();
        }
        return in.buffer()[in.position() + index] & 0xff;
    }

    private static long windowOf(int descriptor) {
        long base = 1L << 10 + (descriptor >>> 3);
        return base + base / 8 * (descriptor & 7);
    }

    // A single segment is decoded into a buffer of its own size.
    private static long contentSize(byte[] head, int at, int bytes) {
        long size = bytes == 2 ? 256 : 0;
        for (int i = 0; i < bytes; i++) {
            size += (head[at + i] & 0xffL) << 8 * i;
        }
        return size;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (remaining == 0 && !nextBlock()) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, remaining));
        if (count < 0) {
            throw damaged();
        }
        remaining -= count;
        return count;
    }

    private boolean nextBlock() {
        if (lastBlock) {
            return false;
        }
        if (in.ready(3) < 3) {
            throw damaged();
        }
        byte[] head = in.buffer();
        int at = in.position();
        int header = head[at] & 0xff | (head[at + 1] & 0xff) << 8 | (head[at + 2] & 0xff) << 16;
        lastBlock = (header & 1) != 0;
        int type = header >>> 1 & 3;
        int size = header >>> 3;
        if (type == 3 || type != 1 && size > COMPRESSED_MAX) {
            throw damaged();
        }
        remaining = 3 + (type == 1 ? 1 : size) + (lastBlock && checksummed ? 4 : 0);
        return true;
    }

    private static RuntimeException damaged() {
        return Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its zstd data is damaged or ends too early");
    }
}
