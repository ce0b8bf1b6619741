package dev.slipway.secret;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/** Small files and directories that only we may read; a file is there whole, and on the disk, or not at all. */
public final class PrivateFile {
    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final int RANDOM_BYTES = 32;

    private PrivateFile() {}

    /** The file's text without surrounding space. */
    public static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("tried to read " + file + " but it failed: " + reason(e), e);
        }
    }

    /** The file's text; where there is no file yet, it is made of 32 random bytes in base64. */
    public static String readOrCreateRandom(Path file) {
        if (!Files.exists(file)) {
            byte[] random = new byte[RANDOM_BYTES];
            new SecureRandom().nextBytes(random);
            write(file, Base64.getEncoder().encodeToString(random));
        }
        return read(file);
    }

    /** Replaces the file's text at once: a crash leaves the old one or the new one. */
    public static void write(Path file, String text) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            Path fresh = Files.createTempFile(directory, ".", ".new", FILE);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            sync(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("tried to write " + file + " but it failed: " + reason(e), e);
        }
    }

    /** Makes the directory, with its parents, where it is missing, and takes everybody else's rights on it away. */
    public static Path directory(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Path parent = directory.toAbsolutePath().getParent();
                Files.createDirectories(parent);
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
                sync(parent);
            }
            if (!Files.getPosixFilePermissions(directory).equals(DIRECTORY)) {
                Files.setPosixFilePermissions(directory, DIRECTORY);
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "tried to make the private directory " + directory + " but it failed: " + reason(e), e);
        }
    }

    /** Makes a rename in the directory survive a power cut. */
    public static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String reason(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
}
