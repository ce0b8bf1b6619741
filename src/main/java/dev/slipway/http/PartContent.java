package dev.slipway.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/** The bytes of one part, up to the boundary behind it. */
final class PartContent extends InputStream {
    private final DelimitedInput input;
    private boolean over;

    PartContent(DelimitedInput input) {
        this.input = input;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        refuseIfOver();
        return length == 0 ? 0 : input.read(target, offset, length);
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        refuseIfOver();
        return input.transferTo(out); // straight from the window, without a buffer between
    }

    /** Skips what was not read; from now on reading is an error. */
    void finish() throws IOException {
        over = true;
        input.skipToDelimiter();
    }

    private void refuseIfOver() throws IOException {
        if (over) {
            throw new IOException("tried to read a part of a form but the form has moved on to the next");
        }
    }
}
