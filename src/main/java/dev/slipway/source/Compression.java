package dev.slipway.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.slipway.error.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.SingleXZInputStream;

/** How an archive is compressed, told from its bytes and from nothing else. */
enum Compression {
    NONE,
    GZIP(0x1f, 0x8b),
    BZIP2('B', 'Z', 'h'),
    XZ(0xfd, '7', 'z', 'X', 'Z', 0),
    ZSTD(0x28, 0xb5, 0x2f, 0xfd);

    private static final int SKIPPABLE_BYTE = 0x50;

    private final byte[] magic;

    Compression(int... magic) {
        this.magic = bytes(magic);
    }

    /** What the archive at the beginning of {@code in} is; refuses formats that are known and not ours. */
    static Compression of(PeekStream in) {
        int ready = in.ready(TarHeader.BLOCK);
        if (ready == 0) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "it is empty (0 bytes)");
        }
        // A tar may begin with a file that is named like another format's first bytes.
        if (ready >= TarHeader.BLOCK && TarHeader.isPlausible(in.buffer(), in.position())) {
            return NONE;
        }
        for (Compression each : values()) {
            if (each != NONE && each.begins(in)) {
                return each;
            }
        }
        ForeignFormat.refuse(in);
        return NONE;
    }

    /** Whether a member of this format begins here. */
    boolean begins(PeekStream in) {
        return in.startsWith(magic) || this == ZSTD && beginsSkippable(in);
    }

    private static boolean beginsSkippable(PeekStream in) {
        return in.ready(4) >= 4
                && (in.buffer()[in.position()] & 0xf0) == SKIPPABLE_BYTE
                && in.buffer()[in.position() + 1] == 0x2a
                && in.buffer()[in.position() + 2] == 0x4d
                && in.buffer()[in.position() + 3] == 0x18;
    }

    /** The one member that begins here, uncompressed; it leaves {@code in} right behind the member. */
    InputStream open(PeekStream in, long memory, ArrayCache arrays) throws IOException {
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GzipMember(in);
            case BZIP2 -> new BZip2CompressorInputStream(in, false);
            case XZ -> new SingleXZInputStream(in, (int) (memory / 1024), true, arrays);
            case ZSTD -> zstd(in, memory);
        };
    }

    private static InputStream zstd(PeekStream in, long memory) throws IOException {
        if (beginsSkippable(in)) {
            ZstdFrame.skip(in);
            return InputStream.nullInputStream();
        }
        ZstdFrame frame = new ZstdFrame(in, memory);
        int log = 63 - Long.numberOfLeadingZeros(memory);
        return new ZstdInputStreamNoFinalizer(frame).setLongMax(Math.clamp(log + 1, 10, 31));
    }

    /** A library's complaint in our words. */
    static RuntimeException explain(Exception e) {
        return e instanceof MemoryLimitException
                ? Refusal.archive(ErrorCode.ARCHIVE_MEMORY_LIMIT, "its xz data " + "needs more memory than is allowed")
                : Refusal.corrupt("its compressed data is damaged or ends too early", e);
    }

    static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
