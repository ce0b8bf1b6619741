package dev.slipway.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;

/** A file that says which database's sources a directory holds. Who comes first writes it, and it lasts. */
final class OwnerMark {
    private static final int MOST = 4096; // of a file that is somebody else's, no more is read

    private final Path file;

    OwnerMark(Path directory) {
        this.file = directory.resolve(".database");
    }

    Path file() {
        return file;
    }

    /** Whether it names this database; it does from now on where it named none. */
    boolean claim(UUID database) throws IOException {
        synchronized (OwnerMark.class) { // within one process a lock of the file would fail, not wait
            return isNamed(database) || claimLocked(database);
        }
    }

    private boolean isNamed(UUID database) throws IOException {
        try {
            return Files.readString(file).strip().equals(database.toString());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private boolean claimLocked(UUID database) throws IOException {
        Set<StandardOpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, DirectoryTree.PRIVATE_FILE);
                FileLock _ = channel.lock()) {
            ByteBuffer read = ByteBuffer.allocate(MOST);
            channel.read(read, 0);
            String named = StandardCharsets.ISO_8859_1.decode(read.flip()).toString();
            if (!isBlank(named)) {
                return named.strip().equals(database.toString());
            }
            channel.write(ByteBuffer.wrap((database + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            channel.truncate(database.toString().length() + 1L);
            channel.force(true);
        }
        DirectoryTree.sync(file.getParent());
        return true;
    }

    // A power cut leaves a file empty, or full of zeros.
    private static boolean isBlank(String named) {
        return named.chars().allMatch(each -> each == 0 || Character.isWhitespace(each));
    }
}
