package dev.slipway.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Files in memory (tmpfs) that processes have mounted and we have not: such files belong to no process. */
final class MemoryFiles {
    private static final String OURS = "self";

    private MemoryFiles() {}

    /** A file system in memory, by its device and where a process sees it. */
    private record Mounted(String device, String at) {}

    /** How much is in them, each counted once however many processes see it. */
    static long used(List<String> pids) {
        Set<String> mountNamespaces = new HashSet<>();
        Map<String, Long> byDevice = new HashMap<>();
        Set<String> ours = null;
        for (String pid : pids) {
            try {
                Path namespace = Files.readSymbolicLink(process(pid).resolve("ns/mnt"));
                if (mountNamespaces.add(namespace.toString())) {
                    ours = ours == null ? devices(OURS) : ours;
                    for (Mounted mounted : mounted(pid)) {
                        if (!ours.contains(mounted.device())) {
                            byDevice.computeIfAbsent(mounted.device(), d -> used(pid, mounted));
                        }
                    }
                }
            } catch (IOException e) {
                // it ended meanwhile
            }
        }
        return byDevice.values().stream().mapToLong(Long::longValue).sum();
    }

    private static long used(String pid, Mounted mounted) {
        File root = new File(process(pid) + "/root" + mounted.at());
        return Math.max(0, root.getTotalSpace() - root.getFreeSpace());
    }

    private static Set<String> devices(String pid) throws IOException {
        Set<String> devices = new HashSet<>();
        mounted(pid).forEach(mounted -> devices.add(mounted.device()));
        return devices;
    }

    /** Each line: ID PARENT DEVICE ROOT MOUNT_POINT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS. */
    private static List<Mounted> mounted(String pid) throws IOException {
        List<Mounted> found = new ArrayList<>();
        String table = new String(Files.readAllBytes(process(pid).resolve("mountinfo")), StandardCharsets.ISO_8859_1);
        for (String line : table.split("\n")) {
            if (line.contains(" - tmpfs ")) {
                String[] fields = line.split(" ", 6);
                found.add(new Mounted(fields[2], fields[4]));
            }
        }
        return found;
    }

    private static Path process(String pid) {
        return Path.of("/proc", pid);
    }
}
