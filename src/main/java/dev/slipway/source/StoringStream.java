package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/** A stream that keeps in a file what is read through it, counted and hashed. */
final class StoringStream extends InputStream implements Closeable {
    private final InputStream origin;
    private final long limit;
    private final FreeSpace space;
    private final FileChannel file;
    private final WriteBack writeBack;
    private final MessageDigest digest = sha256();
    private long size;

    /** Keeps at most {@code limit} bytes in a new file. */
    StoringStream(InputStream origin, Path file, long limit, FreeSpace space) throws IOException {
        this.origin = origin;
        this.limit = limit;
        this.space = space;
        this.file = FileChannel.open(
                file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), DirectoryTree.PRIVATE_FILE);
        this.writeBack = new WriteBack(this.file);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = origin.read(into, offset, length);
        if (count <= 0) {
            return count;
        }
        size += count;
        if (size > limit) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_LARGE, "it is larger than the " + limit + " bytes that are allowed");
        }
        digest.update(into, offset, count);
        try {
            space.bytes(count);
            for (ByteBuffer bytes = ByteBuffer.wrap(into, offset, count); bytes.hasRemaining(); ) {
                file.write(bytes);
            }
            writeBack.written(count);
        } catch (IOException e) {
            throw space.explain(e, new UncheckedIOException(e));
        }
        return count;
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
        writeBack.finish();
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
