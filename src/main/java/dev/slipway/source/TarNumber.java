package dev.slipway.source;

/** Numbers as tar writes them: octal digits, base 256 where those do not suffice, and decimals in PAX records. */
final class TarNumber {
    /** What is no number, or one beyond 63 bits. */
    static final long BROKEN = Long.MIN_VALUE;

    private TarNumber() {}

    /** A field of octal digits or of base 256. */
    static long any(byte[] block, int offset, int length) {
        return block[offset] < 0 ? base256(block, offset, length) : octal(block, offset, length);
    }

    /** Octal digits, spaces before and spaces or NULs behind; an empty field is 0. */
    static long octal(byte[] block, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && block[at] == ' ') {
            at++;
        }
        long value = 0;
        while (at < end && block[at] >= '0' && block[at] <= '7') {
            value = value << 3 | block[at] - '0';
            at++;
        }
        while (at < end && (block[at] == ' ' || block[at] == 0)) {
            at++;
        }
        return at == end ? value : BROKEN;
    }

    private static long base256(byte[] block, int offset, int length) {
        boolean negative = (block[offset] & 0x40) != 0;
        long value = negative ? block[offset] : block[offset] & 0x3f;
        for (int i = 1; i < length; i++) {
            if (value != value << 8 >> 8) {
                return BROKEN;
            }
            value = value << 8 | block[offset + i] & 0xff;
        }
        return value;
    }

    /** Decimal digits and nothing else. */
    static long decimal(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return BROKEN;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return BROKEN;
            }
            value = value * 10 + digit - '0';
        }
        return value;
    }
}
