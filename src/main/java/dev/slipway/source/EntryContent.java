package dev.slipway.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/** A file's content as it streams by, holes included. */
final class EntryContent extends InputStream {
    private final TarInput in;
    private final SparseMap map;
    private long position;
    private int part;

    EntryContent(TarInput in, SparseMap map) {
        this.in = in;
        this.map = map;
    }

    /** The size, holes included. */
    long size() {
        return map.size();
    }

    /** Where it stands in the archive as it is, to be asked before it is read; -1 where it is compressed or has holes. */
    long offset() {
        boolean whole = map.offsets().length == 1 && map.lengths()[0] == map.size();
        return whole ? in.offset() : -1;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        skipEmptyParts();
        if (position == map.size()) {
            return -1;
        }
        boolean hole = part == map.offsets().length || position < map.offsets()[part];
        long end = part == map.offsets().length ? map.size() : map.offsets()[part] + (hole ? 0 : map.lengths()[part]);
        int count = (int) Math.min(length, end - position);
        if (hole) {
            Arrays.fill(into, offset, offset + count, (byte) 0);
        } else {
            count = in.read(into, offset, count);
        }
        position += count;
        return count;
    }

    private void skipEmptyParts() {
        while (part < map.offsets().length && position == map.offsets()[part] + map.lengths()[part]) {
            part++;
        }
    }

    /** Writes all of it into an empty file, leaving the holes open. */
    void writeTo(FileChannel file, Written written) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (; part < map.offsets().length; part++) {
            position = map.offsets()[part];
            file.position(position);
            for (long left = map.lengths()[part]; left > 0; ) {
                int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                written.bytes(count);
                writeFully(file, ByteBuffer.wrap(buffer, 0, count));
                left -= count;
                position += count;
            }
        }
        if (file.position() < map.size() || file.size() < map.size()) {
            file.position(map.size() - 1);
            writeFully(file, ByteBuffer.wrap(new byte[1]));
        }
        position = map.size();
    }

    private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    /** Skips what nobody read. */
    void drain() throws IOException {
        for (; part < map.offsets().length; part++) {
            long from = Math.max(position, map.offsets()[part]);
            in.skip(map.offsets()[part] + map.lengths()[part] - from);
        }
        position = map.size();
    }

    /** Who wants to know how many bytes are about to be written. */
    interface Written {
        void bytes(long count) throws IOException;
    }
}
