package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A stream cut by the delimiter lines of RFC 2046, seen through a window. Bytes in {@code start..clear} are content for
 * certain; at {@code clear} stands a delimiter where {@code found} says so, otherwise bytes not judged yet.
 */
final class DelimitedInput {
    /** A chunk of a body, and what may be left of the one before. */
    private static final int WINDOW = BodyStream.LARGEST_CHUNK + 1024;

    private static final int MAX_HEADER = 16 * 1024;
    private static final int MAX_PADDING = 256;

    /** What may stand where the delimiter's bytes were found. */
    private enum Kind {
        NONE,
        SEPARATES,
        CLOSES
    }

    private final InputStream in;
    private final BoundarySearch search;
    private final byte[] window = new byte[WINDOW];
    private int start;
    private int clear;
    private int limit;
    private boolean atEnd;
    private Kind found = Kind.NONE;
    private int foundEnd;
    private boolean isUndecided;

    DelimitedInput(InputStream in, String boundary) {
        this.in = in;
        this.search = new BoundarySearch(("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII));
        // The first delimiter may stand on the first line, as if a line ended before it.
        window[limit++] = '\r';
        window[limit++] = '\n';
    }

    /** Reads content; -1 at the delimiter. */
    int read(byte[] target, int offset, int length) throws IOException {
        if (!hasContent()) {
            return -1;
        }
        int n = Math.min(length, clear - start);
        System.arraycopy(window, start, target, offset, n);
        start += n;
        return n;
    }

    /** Writes the content up to the delimiter. */
    long transferTo(OutputStream out) throws IOException {
        long total = 0;
        while (hasContent()) {
            int n = clear - start;
            out.write(window, start, n);
            start += n;
            total += n;
        }
        return total;
    }

    void skipToDelimiter() throws IOException {
        while (hasContent()) {
            start = clear;
        }
    }

    /** Steps over the delimiter just reached; true where it closes the form. */
    boolean takeDelimiter() {
        boolean closes = found == Kind.CLOSES;
        start = foundEnd;
        clear = foundEnd;
        found = Kind.NONE;
        return closes;
    }

    /** The header block of a part, up to and without its empty line. */
    String takeHeader() throws IOException {
        int from = start;
        while (true) {
            int end = endOfHeader(from);
            if (end >= 0) {
                String header = new String(window, start, end - start, StandardCharsets.UTF_8);
                start = end + 2;
                clear = start;
                return header;
            }
            if (limit - start > MAX_HEADER) {
                throw headerTooLarge();
            }
            int judged = Math.max(0, limit - start - 3);
            if (!fill()) {
                throw endedEarly("the header of a part was complete");
            }
            from = start + judged;
        }
    }

    void skipToEnd() throws IOException {
        do {
            start = limit;
            clear = limit;
        } while (fill());
    }

    /** Where the empty line's break begins: the header's first line may be that already. */
    private int endOfHeader(int from) {
        if (limit - start >= 2 && isBreak(start)) {
            return start;
        }
        for (int i = from; i + 3 < limit; i++) {
            if (window[i] == '\r' && isBreak(i) && isBreak(i + 2)) {
                if (i + 4 - start > MAX_HEADER) {
                    throw headerTooLarge();
                }
                return i + 2;
            }
        }
        return -1;
    }

    private boolean isBreak(int at) {
        return window[at] == '\r' && window[at + 1] == '\n';
    }

    private boolean hasContent() throws IOException {
        while (start == clear && found == Kind.NONE) {
            look();
        }
        return start < clear;
    }

    /** Moves {@code clear} on, reading more where the window does not tell enough. */
    private void look() throws IOException {
        int at = search.find(window, clear, limit);
        if (at < 0) {
            int sure = Math.max(clear, limit - search.length() + 1);
            if (sure > clear) {
                clear = sure;
            } else if (!fill()) {
                throw endedEarly("its last boundary");
            }
        } else {
            judge(at);
        }
    }

    private void judge(int at) throws IOException {
        found = kindOfLine(at + search.length());
        clear = found == Kind.NONE && !isUndecided ? at + 1 : at;
        // What stands before it is given out first; then there is room to read on.
        if (isUndecided && start == clear) {
            fill();
        }
    }

    /** Whether the line behind the delimiter's bytes is one: nothing but {@code --} and blanks may follow. */
    private Kind kindOfLine(int after) {
        boolean closes = after + 1 < limit && window[after] == '-' && window[after + 1] == '-';
        int i = closes ? after + 2 : after;
        while (i < limit && i - after < MAX_PADDING && (window[i] == ' ' || window[i] == '\t')) {
            i++;
        }
        isUndecided = limit - i < 2 && !atEnd;
        if (limit - i >= 2 && isBreak(i)) {
            foundEnd = i + 2;
            return closes ? Kind.CLOSES : Kind.SEPARATES;
        }
        if (closes && i == limit && atEnd) {
            foundEnd = limit; // many clients end here, without a line break
            return Kind.CLOSES;
        }
        return Kind.NONE;
    }

    /** Reads more behind what is there; false at the end of the stream. */
    private boolean fill() throws IOException {
        if (atEnd) {
            return false;
        }
        System.arraycopy(window, start, window, 0, limit - start);
        clear -= start;
        limit -= start;
        start = 0;
        int n = in.read(window, limit, window.length - limit);
        if (n < 0) {
            atEnd = true;
            return false;
        }
        limit += n;
        return true;
    }

    private static SlipwayException headerTooLarge() {
        return new SlipwayException(
                ErrorCode.REQUEST_TOO_LARGE,
                "tried to read the form but the header of a part is longer than " + MAX_HEADER + " bytes");
    }

    private static SlipwayException endedEarly(String what) {
        return MultipartReader.invalid("tried to read the form but the body ended before " + what);
    }
}
