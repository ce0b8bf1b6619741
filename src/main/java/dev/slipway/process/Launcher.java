package dev.slipway.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts processes, whose environment is what is named and PATH, and nothing else. */
final class Launcher {
    /** Whether stderr has a pipe of its own or goes where stdout goes. */
    enum Stderr {
        APART,
        INTO_STDOUT
    }

    private Launcher() {}

    static Process start(List<String> argv, Map<String, String> environment, Path directory, Stderr stderr) {
        ProcessBuilder builder = new ProcessBuilder(argv)
                .directory(directory.toFile())
                .redirectErrorStream(stderr == Stderr.INTO_STDOUT);
        builder.environment().clear();
        builder.environment().put("PATH", Command.PATH);
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "tried to start " + argv.getFirst() + " but it failed: " + e.getMessage(), e);
        }
    }
}
