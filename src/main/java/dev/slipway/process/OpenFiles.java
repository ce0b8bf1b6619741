package dev.slipway.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Files without a name, which take room until the processes that hold them open have ended. */
final class OpenFiles {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String DELETED = " (deleted)";
    /** So the kernel calls what {@code memfd_create} made; no such file is on any disk. */
    static final String IN_MEMORY = "/memfd:";

    /** Reads paths that end in NUL. xargs takes as many at a time as fit, so there are never too many. */
    private static final String SUM = """
            xargs -0 -r stat --dereference --format='%d:%i %b' 2>/dev/null |
                awk '!seen[$1]++ { sum += $2 } END { printf "%.0f", sum * 512 }'
            """;

    private OpenFiles() {}

    /** How much of the disk those take that are deleted, each counted once. */
    static long onDisk(List<String> pids) {
        return size(open(pids, file -> file.endsWith(DELETED) && !file.startsWith(IN_MEMORY)));
    }

    /** The descriptors of files in memory that were never in a directory. */
    static List<Path> inMemory(List<String> pids) {
        return open(pids, file -> file.startsWith(IN_MEMORY));
    }

    /** How much room the files behind some descriptors take, each counted once; their length would say little. */
    static long size(List<Path> descriptors) {
        if (descriptors.isEmpty()) {
            return 0;
        }
        StringBuilder paths = new StringBuilder();
        descriptors.forEach(descriptor -> paths.append(descriptor).append('\0'));
        byte[] stdin = paths.toString().getBytes(StandardCharsets.US_ASCII);
        ToolResult result = Tool.run(List.of("/bin/sh", "-c", SUM), Map.of(), stdin, PATIENCE);
        return result.output().matches("[0-9]{1,18}") ? Long.parseLong(result.output()) : 0;
    }

    /** The files' numbers, by which a mapping names them. */
    static Set<Long> inodes(List<Path> descriptors) {
        Set<Long> inodes = new HashSet<>();
        for (Path descriptor : descriptors) {
            try {
                inodes.add(((Number) Files.getAttribute(descriptor, "unix:ino")).longValue());
            } catch (IOException e) {
                // it was closed meanwhile
            }
        }
        return inodes;
    }

    private static List<Path> open(List<String> pids, Predicate<String> wanted) {
        List<Path> found = new ArrayList<>();
        for (String pid : pids) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc", pid, "fd"))) {
                for (Path descriptor : all) {
                    if (wanted.test(target(descriptor))) {
                        found.add(descriptor);
                    }
                }
            } catch (IOException e) {
                // the process ended meanwhile
            }
        }
        return found;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
