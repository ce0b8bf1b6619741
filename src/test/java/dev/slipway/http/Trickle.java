package dev.slipway.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that gives at most so many bytes at a time. */
final class Trickle extends FilterInputStream {
    private final int most;

    Trickle(InputStream in, int most) {
        super(in);
        this.most = most;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return super.read(target, offset, Math.min(length, most));
    }
}
