package dev.slipway.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * The archive's bytes as they arrive, with a look ahead. What the origin throws comes out unchecked, so that no
 * decompressor's reader takes a broken connection for a damaged archive.
 */
final class PeekStream extends InputStream {
    private final InputStream origin;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;
    private long taken;

    PeekStream(InputStream origin) {
        this.origin = origin;
    }

    /** How many bytes stand before the next one. */
    long offset() {
        return taken - (limit - position);
    }

    /** Has at least {@code count} bytes ready, fewer only at the end; answers how many are. */
    int ready(int count) {
        if (limit - position < count && position > 0) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
        }
        while (limit - position < count) {
            int read = readOrigin(buffer, limit, buffer.length - limit);
            if (read < 0) {
                break;
            }
            limit += read;
        }
        return limit - position;
    }

    /** Whether the next bytes are these. */
    boolean startsWith(byte[] magic) {
        if (ready(magic.length) < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if (buffer[position + i] != magic[i]) {
                return false;
            }
        }
        return true;
    }

    /** The buffer itself; its valid part begins at {@link #position()} and is as long as {@link #ready} said. */
    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    /** Takes bytes that were ready. */
    void consume(int count) {
        position += count;
    }

    @Override
    public int read() {
        return ready(1) < 1 ? -1 : buffer[position++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (limit == position && length >= buffer.length) {
            return readOrigin(into, offset, length);
        }
        int count = Math.min(length, ready(1));
        if (count == 0) {
            return -1;
        }
        System.arraycopy(buffer, position, into, offset, count);
        position += count;
        return count;
    }

    /** Skips in the buffer, filling it where it is empty, or in a file without reading it; 0 at the end. */
    @Override
    public long skip(long count) {
        if (limit == position && count >= buffer.length && origin instanceof StoredStream file) {
            long skipped = file.skip(count);
            taken += skipped;
            return skipped;
        }
        int step = (int) Math.min(count, ready(1));
        consume(step);
        return step;
    }

    private int readOrigin(byte[] into, int offset, int length) {
        try {
            int count = origin.read(into, offset, length);
            taken += Math.max(count, 0);
            return count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
