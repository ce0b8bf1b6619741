package dev.slipway.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A stored archive's bytes, of which some can be skipped unread and copied to another file meanwhile. */
final class StoredStream extends InputStream {
    private static final long STEP = 16L << 20;

    private final FileChannel file;
    private final long size;
    private long position;

    StoredStream(Path source) throws IOException {
        file = FileChannel.open(source, StandardOpenOption.READ);
        size = file.size();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = file.read(ByteBuffer.wrap(into, offset, length), position);
        position += Math.max(count, 0);
        return count;
    }

    /** Skips at most to the end. */
    @Override
    public long skip(long count) {
        long skipped = Math.min(count, size - position);
        position += skipped;
        return skipped;
    }

    /** Copies a part of the file, wherever the stream is; by any thread. */
    void copy(long from, long length, FileChannel into, EntryContent.Written written) throws IOException {
        for (long copied = 0; copied < length; ) {
            long step = Math.min(STEP, length - copied);
            written.bytes(step);
            long count = file.transferTo(from + copied, step, into);
            if (count <= 0) {
                throw TarInput.truncated();
            }
            copied += count;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
