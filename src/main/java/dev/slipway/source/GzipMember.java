package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** One gzip member, uncompressed; it takes exactly its own bytes from the input and keeps none of its header. */
final class GzipMember extends InputStream {
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final PeekStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private int lent;
    private boolean ended;

    GzipMember(PeekStream in) {
        this.in = in;
        readHeader();
    }

    private void readHeader() {
        in.consume(2); // the magic, seen before
        int method = next();
        int flags = next();
        if (method != 8 || (flags & RESERVED) != 0) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its gzip header is of an unknown kind");
        }
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(2);
        }
    }

    private int next() {
        int next = in.read();
        if (next < 0) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its gzip data ends too early");
        }
        return next;
    }

    private void skip(int count) {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText() {
        int next;
        do {
            next = next();
        } while (next != 0);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        while (!ended && length > 0) {
            int count = inflate(into, offset, length);
            if (count > 0) {
                crc.update(into, offset, count);
                return count;
            }
            if (inflater.finished()) {
                in.consume(lent - inflater.getRemaining());
                checkTrailer();
            } else if (inflater.needsDictionary()) {
                throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its gzip data needs a dictionary");
            } else {
                lend();
            }
        }
        return length == 0 ? 0 : -1;
    }

    private int inflate(byte[] into, int offset, int length) {
        try {
            return inflater.inflate(into, offset, length);
        } catch (DataFormatException e) {
            throw Refusal.corrupt("its gzip data is damaged", e);
        }
    }

    // The inflater reads our buffer in place; its bytes are consumed once it is done with them.
    private void lend() {
        in.consume(lent);
        lent = in.ready(1);
        if (lent == 0) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its gzip data ends too early");
        }
        inflater.setInput(in.buffer(), in.position(), lent);
    }

    private void checkTrailer() {
        ended = true;
        if (little() != crc.getValue() || little() != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its gzip checksum is wrong");
        }
    }

    private long little() {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
