package dev.slipway;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What a test's processes leave to be seen in /proc. */
final class Traces {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Traces() {}

    /** The processes in whose command line a text stands. */
    static List<String> ofCommandLine(String text) {
        return processes()
                .map(process -> process.getFileName() + " " + read(process.resolve("cmdline")))
                .filter(line -> line.contains(text))
                .toList();
    }

    /** The processes that have a part of a directory mounted, as a sandbox has: the test's own have not. */
    static List<String> ofMounts(Path directory) {
        return processes()
                .filter(process -> read(process.resolve("mountinfo")).contains(directory + "/"))
                .map(process -> process.getFileName() + " " + read(process.resolve("cmdline")))
                .toList();
    }

    /** The processes that work in a directory, name it or have it mounted. */
    static List<String> of(Path directory) {
        Stream<String> working = processes()
                .filter(process -> workingDirectory(process).startsWith(directory))
                .map(process -> process.getFileName() + " " + read(process.resolve("cmdline")));
        return Stream.of(working, ofCommandLine(directory + "/").stream(), ofMounts(directory).stream())
                .flatMap(found -> found)
                .distinct()
                .toList();
    }

    /** Waits until no process has to do with a directory any more. */
    static void awaitNone(Path directory) {
        await().atMost(PATIENCE).until(() -> of(directory), List::isEmpty);
    }

    private static Stream<Path> processes() {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(path -> path.getFileName().toString().matches("[0-9]+")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty where the process is gone or somebody else's. */
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    private static Path workingDirectory(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd"));
        } catch (IOException e) {
            return Path.of("/nowhere");
        }
    }
}
