package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/** A stream that keeps in a file what is read through it, counted and hashed. Read to its end, all of it is there. */
final class StoringStream extends InputStream implements Closeable {
    private final InputStream origin;
    private final long limit;
    private final FreeSpace space;
    private final WriteBehind file;
    private final MessageDigest digest = sha256();
    private long size;

    /** Keeps at most {@code limit} bytes in a new file. */
    StoringStream(InputStream origin, Path file, long limit, FreeSpace space) throws IOException {
        this.origin = origin;
        this.limit = limit;
        this.space = space;
        this.file = new WriteBehind(FileChannel.open(
                file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), DirectoryTree.PRIVATE_FILE));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = origin.read(into, offset, length);
        size += Math.max(count, 0);
        if (size > limit) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_LARGE, "it is larger than the " + limit + " bytes that are allowed");
        }
        try {
            if (count < 0) {
                file.flush();
            } else {
                keep(into, offset, count);
            }
        } catch (IOException e) {
            throw space.explain(e, new UncheckedIOException(e));
        }
        return count;
    }

    // Written behind this thread's back, so that it is hashed and written at the same time.
    private void keep(byte[] from, int offset, int count) throws IOException {
        space.bytes(count);
        file.write(from, offset, count);
        digest.update(from, offset, count);
    }

    /** How many bytes were kept. */
    long size() {
        return size;
    }

    /** The hash of what was kept; ends the hashing. */
    String sha256Hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Makes the file survive a power cut. */
    void sync() throws IOException {
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
