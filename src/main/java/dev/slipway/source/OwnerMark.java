package dev.slipway.source;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/** A file that says which database's sources a directory holds. Who comes first writes it, complete or not at all. */
final class OwnerMark {
    private final Path file;

    OwnerMark(Path directory) {
        this.file = directory.resolve(".database");
    }

    Path file() {
        return file;
    }

    /** Whether it names this database; it does from now on where it named none. */
    boolean claim(UUID database) throws IOException {
        try {
            return names(database);
        } catch (NoSuchFileException e) {
            write(database);
            return names(database);
        }
    }

    private boolean names(UUID database) throws IOException {
        return Files.readString(file).strip().equals(database.toString());
    }

    private void write(UUID database) throws IOException {
        Path draft = file.resolveSibling(".database-" + UUID.randomUUID());
        try {
            Files.createFile(draft, DirectoryTree.PRIVATE_FILE);
            Files.writeString(draft, database + "\n");
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            // another replica was faster
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
