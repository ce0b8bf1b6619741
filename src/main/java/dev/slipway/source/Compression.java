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
    /** What the decoders need, beside what xz asks for and zstd announces. */
    private static final long GZIP_MEMORY = 48 * 1024;

    private static final long XZ_MEMORY = 64 * 1024;
    private static final long ZSTD_MEMORY = 512 * 1024;

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
    InputStream open(PeekStream in, long most, MemoryShare memory, ArrayCache arrays) throws IOException {
        return switch (this) {
            case NONE -> in;
            case GZIP -> DecoderMemory.taken(memory, GZIP_MEMORY, () -> new GzipMember(in));
            case BZIP2 -> DecoderMemory.taken(memory, bzip2Memory(in), () -> new BZip2CompressorInputStream(in, false));
            case XZ ->
                DecoderMemory.taken(
                        memory, XZ_MEMORY, () -> new SingleXZInputStream(in, (int) (most / 1024), true, arrays));
            case ZSTD -> zstd(in, most, memory);
        };
    }

    /** Five bytes for each of a block's, whose size is said in hundreds of thousands. */
    private static long bzip2Memory(PeekStream in) {
        int level = in.ready(4) < 4 ? 9 : in.buffer()[in.position() + 3] - '0';
        return Math.clamp(level, 1, 9) * 500_000L;
    }

    private static InputStream zstd(PeekStream in, long most, MemoryShare memory) throws IOException {
        if (beginsSkippable(in)) {
            ZstdFrame.skip(in);
            return InputStream.nullInputStream();
        }
        ZstdFrame frame = new ZstdFrame(in, most);
        int log = 63 - Long.numberOfLeadingZeros(most);
        return DecoderMemory.taken(memory, ZSTD_MEMORY + frame.window(), () -> new ZstdInputStreamNoFinalizer(frame)
                .setLongMax(Math.clamp(log + 1, 10, 31)));
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
