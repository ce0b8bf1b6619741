package dev.slipway.database;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Directories that get their true name when they are finished; the others are what a crash left. */
final class Leftovers {
    private static final Logger LOG = Logger.getLogger(Leftovers.class);
    private static final String MARK = "-new-";

    private Leftovers() {}

    /** A fresh directory for what will be called {@code name}. */
    static Path unfinished(Path directory, String name) throws IOException {
        return Files.createTempDirectory(directory, name + MARK);
    }

    /** Removes the unfinished ones; only who owns the directory may ask. */
    static void remove(Path directory) {
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(directory, "{bin,data}" + MARK + "*")) {
            for (Path tree : unfinished) {
                LOG.infof("removing %s, which was never finished", tree);
                delete(tree);
            }
        } catch (IOException e) {
            // they cost space and nothing else
            LOG.warnf("tried to remove what an earlier start left in %s but it failed: %s", directory, e);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
