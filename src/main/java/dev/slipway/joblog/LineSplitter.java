package dev.slipway.joblog;

/**
 * The bytes of one stream, in any chunks, turned into sane lines. A line ends at {@code \n}, {@code \r\n} or a lone
 * {@code \r} (progress bars; there, empty lines are dropped). What is not UTF-8 becomes U+FFFD, control characters become
 * their pictures, ESC stays where it begins a colour sequence, and a line without end is cut at {@link #MAX_LINE}.
 *
 * <p>Bytes stay bytes: ordinary lines go from the chunk to the sink without being copied or decoded.
 */
final class LineSplitter {
    /** The longest line in bytes of UTF-8. */
    static final int MAX_LINE = 16 * 1024;

    private static final int MAX_COLOUR_SEQUENCE = 64;
    private static final byte ESC = 0x1b;
    private static final int DEL = 0x7f;
    private static final int PICTURE_OF_ESC = 0x9b;
    private static final int PICTURE_OF_DEL = 0xa1;
    private static final byte[] REPLACEMENT = {(byte) 0xef, (byte) 0xbf, (byte) 0xbd};
    private static final boolean[] PLAIN = plainBytes();

    private final LineSink sink;
    private final byte[] line = new byte[MAX_LINE];
    private int length;
    // The line that the next newline would end is out already: by the carriage return before it, or as an unfinished
    // line.
    private boolean newlineIsSpent;

    // A colour sequence as far as it has come.
    private final byte[] escape = new byte[MAX_COLOUR_SEQUENCE];
    private int escapeLength;

    // A character as far as it has come, how many bytes it lacks, and between what the next one must lie.
    private final byte[] character = new byte[4];
    private int characterLength;
    private int missing;
    private int lowest;
    private int highest;

    LineSplitter(LineSink sink) {
        this.sink = sink;
    }

    private static boolean[] plainBytes() {
        var plain = new boolean[256];
        for (int b = 0x20; b < DEL; b++) {
            plain[b] = true;
        }
        plain['\t'] = true;
        return plain;
    }

    /** Takes the next bytes of the stream. */
    void write(byte[] bytes, int offset, int count) {
        int end = offset + count;
        int at = offset;
        while (at < end) {
            if (escapeLength > 0) {
                at += continueEscape(bytes[at]) ? 1 : 0;
            } else if (missing > 0) {
                at += continueCharacter(bytes[at]) ? 1 : 0;
            } else {
                int special = endOfPlain(bytes, at, end);
                if (special == end) {
                    append(bytes, at, end - at);
                } else if (bytes[special] == '\n' && length == 0 && special > at && special - at <= MAX_LINE) {
                    sink.line(bytes, at, special - at);
                    newlineIsSpent = false;
                } else {
                    append(bytes, at, special - at);
                    special(bytes[special]);
                }
                at = special + 1;
            }
        }
    }

    /** Whether something waits for the end of its line. */
    boolean hasPartial() {
        return length > 0 || escapeLength > 0 || missing > 0;
    }

    /** Gives out the unfinished line, but for a character or colour sequence that is not whole yet. */
    void flushPartial() {
        if (length > 0) {
            emit();
            newlineIsSpent = true;
        }
    }

    /** The stream has ended: gives out all that is left. */
    void end() {
        giveUpEscape();
        if (missing > 0) {
            giveUpCharacter();
        }
        if (length > 0) {
            emit();
        }
        newlineIsSpent = false;
    }

    private static int endOfPlain(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && PLAIN[bytes[at] & 0xff]) {
            at++;
        }
        return at;
    }

    private void special(byte b) {
        switch (b) {
            case '\n' -> newline();
            case '\r' -> carriageReturn();
            case ESC -> escape[escapeLength++] = b;
            case DEL -> appendPicture(PICTURE_OF_DEL);
            default -> {
                if (b >= 0) {
                    appendPicture(0x80 + b);
                } else {
                    beginCharacter(b & 0xff);
                }
            }
        }
    }

    private void newline() {
        if (length > 0 || !newlineIsSpent) {
            emit();
        }
        newlineIsSpent = false;
    }

    private void carriageReturn() {
        if (length > 0) {
            emit();
            newlineIsSpent = true;
        }
    }

    /** Whether the byte was used up. */
    private boolean continueEscape(byte b) {
        boolean opens = escapeLength == 1 && b == '[';
        boolean parameter = escapeLength > 1 && (b >= '0' && b <= '9' || b == ';' || b == ':');
        if ((opens || parameter) && escapeLength < MAX_COLOUR_SEQUENCE - 1) {
            escape[escapeLength++] = b;
            return true;
        }
        if (escapeLength > 1 && b == 'm') {
            escape[escapeLength++] = b;
            appendWhole(escape, escapeLength);
            escapeLength = 0;
            return true;
        }
        giveUpEscape();
        return false;
    }

    private void giveUpEscape() {
        if (escapeLength > 0) {
            appendPicture(PICTURE_OF_ESC);
            append(escape, 1, escapeLength - 1);
            escapeLength = 0;
        }
    }

    /** The well-formed sequences of the Unicode standard's table 3-7. */
    private void beginCharacter(int first) {
        lowest = 0x80;
        highest = 0xbf;
        if (first >= 0xc2 && first <= 0xdf) {
            missing = 1;
        } else if (first >= 0xe0 && first <= 0xef) {
            missing = 2;
            lowest = first == 0xe0 ? 0xa0 : 0x80;
            highest = first == 0xed ? 0x9f : 0xbf;
        } else if (first >= 0xf0 && first <= 0xf4) {
            missing = 3;
            lowest = first == 0xf0 ? 0x90 : 0x80;
            highest = first == 0xf4 ? 0x8f : 0xbf;
        } else {
            appendWhole(REPLACEMENT, REPLACEMENT.length);
            return;
        }
        character[0] = (byte) first;
        characterLength = 1;
    }

    /** Whether the byte was used up. */
    private boolean continueCharacter(byte b) {
        int value = b & 0xff;
        if (value < lowest || value > highest) {
            giveUpCharacter();
            return false;
        }
        character[characterLength++] = b;
        lowest = 0x80;
        highest = 0xbf;
        if (--missing == 0) {
            if (isControl()) {
                appendWhole(REPLACEMENT, REPLACEMENT.length);
            } else {
                appendWhole(character, characterLength);
            }
        }
        return true;
    }

    /** U+0080 to U+009F: terminals obey some of them like ESC, and they have no pictures. */
    private boolean isControl() {
        return character[0] == (byte) 0xc2 && (character[1] & 0xff) < 0xa0;
    }

    private void giveUpCharacter() {
        missing = 0;
        appendWhole(REPLACEMENT, REPLACEMENT.length);
    }

    /** U+2400 and on: the last byte of its UTF-8 says which. */
    private void appendPicture(int lastByte) {
        appendWhole(new byte[] {(byte) 0xe2, (byte) 0x90, (byte) lastByte}, 3);
    }

    private void appendWhole(byte[] bytes, int count) {
        if (length + count > MAX_LINE) {
            emit();
        }
        System.arraycopy(bytes, 0, line, length, count);
        length += count;
        newlineIsSpent = false;
    }

    private void append(byte[] ascii, int offset, int count) {
        int at = offset;
        int left = count;
        while (left > 0) {
            if (length == MAX_LINE) {
                emit();
            }
            int part = Math.min(left, MAX_LINE - length);
            System.arraycopy(ascii, at, line, length, part);
            length += part;
            at += part;
            left -= part;
            newlineIsSpent = false;
        }
    }

    private void emit() {
        sink.line(line, 0, length);
        length = 0;
    }
}
