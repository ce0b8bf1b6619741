package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.util.Arrays;

/** Formats people send by mistake, so that they hear which one instead of "damaged". */
enum ForeignFormat {
    ZIP("a ZIP", 'P', 'K', 3, 4),
    EMPTY_ZIP("a ZIP", 'P', 'K', 5, 6),
    RAR("a RAR archive", 'R', 'a', 'r', '!'),
    SEVEN_ZIP("a 7z archive", '7', 'z', 0xbc, 0xaf, 0x27, 0x1c),
    LZ4("lz4 data", 0x04, 0x22, 0x4d, 0x18),
    LZIP("lzip data", 'L', 'Z', 'I', 'P'),
    LZOP("lzop data", 0x89, 'L', 'Z', 'O'),
    COMPRESS("compress (.Z) data", 0x1f, 0x9d),
    CPIO("a cpio archive", '0', '7', '0', '7', '0'),
    AR("an ar archive", '!', '<', 'a', 'r', 'c', 'h', '>'),
    PDF("a PDF", '%', 'P', 'D', 'F'),
    ELF("a program", 0x7f, 'E', 'L', 'F');

    private final String title;
    private final byte[] magic;

    ForeignFormat(String title, int... magic) {
        this.title = title;
        this.magic = Compression.bytes(magic);
    }

    /** Refuses input that begins like one of these. */
    static void refuse(PeekStream in) {
        Arrays.stream(values())
                .filter(format -> in.startsWith(format.magic))
                .findFirst()
                .ifPresent(format -> {
                    throw Refusal.archive(
                            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                            "it is " + format.title + "; send a tar, plain or with gzip, bzip2, xz or zstd");
                });
    }
}
