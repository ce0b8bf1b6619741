package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.util.Arrays;

/** One header block of a tar, its checksum verified. */
final class TarHeader {
    /** The unit everything in a tar is padded to. */
    static final int BLOCK = 512;

    private static final int CHECKSUM_AT = 148;
    private static final int CHECKSUM_LENGTH = 8;
    private static final byte[] USTAR = Compression.bytes('u', 's', 't', 'a', 'r', 0);
    private static final byte[] GNU = Compression.bytes('u', 's', 't', 'a', 'r', ' ', ' ', 0);

    private final byte[] block;

    private TarHeader(byte[] block) {
        this.block = block;
    }

    /** The header in a block that is not all zeros. */
    static TarHeader of(byte[] block) {
        if (!isPlausible(block, 0)) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_CORRUPT, "a header's checksum is wrong: it is damaged, or it is no tar");
        }
        return new TarHeader(block);
    }

    /** Whether a block's checksum says that it is a header; old tars summed signed bytes. */
    static boolean isPlausible(byte[] block, int offset) {
        long signed = 0;
        long unsigned = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LENGTH;
            byte each = own ? (byte) ' ' : block[offset + i];
            signed += each;
            unsigned += each & 0xff;
        }
        long stored = TarNumber.octal(block, offset + CHECKSUM_AT, CHECKSUM_LENGTH);
        return stored > 0 && (stored == unsigned || stored == signed);
    }

    /** The type flag. */
    char type() {
        return (char) (block[156] & 0xff);
    }

    /** Whether GNU tar's own layout is used, where the prefix holds other things. */
    boolean isGnu() {
        return Arrays.equals(block, 257, 265, GNU, 0, GNU.length);
    }

    /** The name with its prefix. */
    byte[] name() {
        byte[] name = text(0, 100);
        boolean prefixed = Arrays.equals(block, 257, 263, USTAR, 0, USTAR.length) && block[345] != 0;
        if (!prefixed) {
            return name;
        }
        byte[] prefix = text(345, 155);
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] linkTarget() {
        return text(157, 100);
    }

    int mode() {
        return (int) (number(100, 8, "mode") & 0777);
    }

    long size() {
        long size = number(124, 12, "size");
        if (size < 0) {
            throw damagedField("size");
        }
        return size;
    }

    long modifiedSeconds() {
        return number(136, 12, "modification time");
    }

    /** A number somewhere in the block, as the sparse formats need it. */
    long number(int offset, int length, String field) {
        long number = TarNumber.any(block, offset, length);
        if (number == TarNumber.BROKEN) {
            throw damagedField(field);
        }
        return number;
    }

    byte byteAt(int offset) {
        return block[offset];
    }

    private RuntimeException damagedField(String field) {
        return Refusal.entry(ErrorCode.ARCHIVE_CORRUPT, Refusal.shown(name()), "its " + field + " is no number");
    }

    private byte[] text(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, offset, end);
    }
}
