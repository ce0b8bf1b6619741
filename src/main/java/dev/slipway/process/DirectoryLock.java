package dev.slipway.process;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** The right to a directory, as long as this process lives: a locked file with the process's number in it. */
public final class DirectoryLock implements Closeable {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the lock; empty where another process, or this one, still has it when {@code patience} is over. */
    public static Optional<DirectoryLock> take(Path file, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            Optional<DirectoryLock> lock = tryTake(file);
            while (lock.isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(PAUSE);
                lock = tryTake(file);
            }
            return lock;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("tried to lock " + file + " but it failed: " + e, e);
        }
    }

    /** The process that has the lock, for a message: "pid 123", or that nobody knows. */
    public static String holder(Path file) {
        try {
            return "pid " + Files.readString(file).strip();
        } catch (IOException e) {
            return "pid unknown";
        }
    }

    private static Optional<DirectoryLock> tryTake(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                channel.truncate(0);
                String pid = ProcessHandle.current().pid() + "\n";
                channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
                return Optional.of(new DirectoryLock(channel));
            }
        } catch (OverlappingFileLockException e) {
            // this process has it
        }
        channel.close();
        return Optional.empty();
    }

    /** Gives the right back; the file stays, for removing it would let two processes lock two files of one name. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
