package dev.slipway.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Files that have no name any more and take room on the disk until the processes that hold them open have ended. */
final class DeletedFiles {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String DELETED = " (deleted)";
    private static final int BLOCK = 512;
    /** More are held by nobody who wants to build something, and are not looked at in one go. */
    private static final int MANY = 1000;

    private DeletedFiles() {}

    /** How much room those take that some processes hold, each counted once. */
    static long held(List<String> pids) {
        List<String> stat = new ArrayList<>(List.of("stat", "--dereference", "--format=%d:%i %b"));
        int options = stat.size();
        pids.forEach(pid -> stat.addAll(open(Path.of("/proc", pid, "fd"))));
        if (stat.size() == options) {
            return 0;
        }
        List<String> argv = stat.subList(0, Math.min(stat.size(), options + MANY));
        Set<String> files = new HashSet<>();
        long blocks = 0;
        for (String line :
                Tool.run(argv, Map.of(), new byte[0], PATIENCE).output().split("\n")) {
            String[] fields = line.split(" ");
            if (fields.length == 2 && fields[1].matches("[0-9]+") && files.add(fields[0])) {
                blocks += Long.parseLong(fields[1]);
            }
        }
        return blocks * BLOCK;
    }

    private static List<String> open(Path descriptors) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : all) {
                if (isDeleted(descriptor)) {
                    found.add(descriptor.toString());
                }
            }
        } catch (IOException e) {
            // the process ended meanwhile
        }
        return found;
    }

    private static boolean isDeleted(Path descriptor) {
        try {
            String file = Files.readSymbolicLink(descriptor).toString();
            return file.endsWith(DELETED) && !file.startsWith("/memfd:");
        } catch (IOException e) {
            return false;
        }
    }
}
