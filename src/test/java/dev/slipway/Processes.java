package dev.slipway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The machine's processes, those of inner namespaces included. */
public final class Processes {
    private Processes() {}

    /** Whether any runs with this command line, its arguments joined by blanks. */
    public static boolean any(String commandLine) throws IOException {
        return !find(line -> line.equals(commandLine)).isEmpty();
    }

    /** Kills those in whose command line a text stands; how many they were. */
    public static int kill(String text) throws IOException {
        List<Path> found = find(line -> line.contains(text));
        found.forEach(
                process -> ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                        .ifPresent(ProcessHandle::destroyForcibly));
        return found.size();
    }

    private static List<Path> find(Predicate<String> commandLine) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .filter(process -> commandLine.test(commandLine(process)))
                    .toList();
        }
    }

    private static String commandLine(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8)
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException e) {
            return ""; // it ended meanwhile
        }
    }
}
