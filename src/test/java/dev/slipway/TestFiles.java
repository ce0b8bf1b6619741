package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Files of tests. */
public final class TestFiles {
    private TestFiles() {}

    /** Deletes a tree, files of sub-uids in it included. */
    public static void delete(Path tree) {
        List<String> argv =
                List.of("unshare", "--user", "--map-root-user", "--map-auto", "--", "rm", "-rf", "--", tree.toString());
        try {
            new ProcessBuilder(argv).inheritIO().start().onExit().join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
