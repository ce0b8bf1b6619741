package dev.slipway.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** What stands in the store, read from the disk: the one truth about how much it is. */
final class Inventory {
    private static final Logger LOG = Logger.getLogger(Inventory.class);

    private final Path directory;
    private final FileTime now;

    /** @param now by the clock of the file system, which several machines may share */
    Inventory(Path directory, FileTime now) {
        this.directory = directory;
        this.now = now;
    }

    /** The time that a file gets which is written now. */
    static FileTime now(Path directory) throws IOException {
        Path probe = Files.createTempFile(directory, "clock-", "", DirectoryTree.PRIVATE_FILE);
        try {
            return Files.getLastModifiedTime(probe);
        } finally {
            Files.delete(probe);
        }
    }

    List<KeptSource> list() throws IOException {
        List<KeptSource> found = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(directory, "????????-????-????-????-????????????")) {
            for (Path entry : entries) {
                Optional<UUID> id = id(entry);
                if (id.isPresent()) {
                    measureIfReadable(id.get(), entry).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    // One that nobody can read must not keep all others from being counted and deleted.
    private Optional<KeptSource> measureIfReadable(UUID id, Path entry) {
        try {
            return measure(id, entry);
        } catch (IOException e) {
            LOG.warnf("tried to measure the source in %s but could not read it, and left it alone: %s", entry, e);
            return Optional.empty();
        }
    }

    private static Optional<UUID> id(Path entry) {
        try {
            return Optional.of(UUID.fromString(entry.getFileName().toString()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Empty where it is gone meanwhile. */
    Optional<KeptSource> measure(UUID id, Path entry) throws IOException {
        Sum sum = new Sum();
        Files.walkFileTree(entry, sum);
        return Optional.ofNullable(sum.newest)
                .map(newest -> new KeptSource(id, sum.bytes, Duration.between(newest.toInstant(), now.toInstant())));
    }

    private static final class Sum extends DirectoryTree.Visitor {
        private long bytes;
        private FileTime newest;

        private void see(BasicFileAttributes attributes) {
            if (newest == null || attributes.lastModifiedTime().compareTo(newest) > 0) {
                newest = attributes.lastModifiedTime();
            }
        }

        @Override
        public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
            see(attributes);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            see(attributes);
            bytes += attributes.size();
            return FileVisitResult.CONTINUE;
        }
    }
}
