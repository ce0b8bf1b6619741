package dev.slipway.process;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files in memory (tmpfs) that processes have mounted and we have not: such files belong to no process. */
final class MemoryFiles {
    private static final String OURS = "self";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-3][0-7]{2})");

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
        String root = process(pid) + "/root" + mounted.at();
        if (root.chars().anyMatch(c -> c >= 0x80)) {
            return usedAt(root.getBytes(StandardCharsets.ISO_8859_1));
        }
        File file = new File(root);
        return Math.max(0, file.getTotalSpace() - file.getFreeSpace());
    }

    /** The same where the path's bytes may be no text at all, which Java cannot ask for. */
    private static long usedAt(byte[] root) {
        List<String> argv = List.of("xargs", "-0", "stat", "--file-system", "--format=%b %f %S");
        String[] fields = Tool.run(argv, Map.of(), root, PATIENCE).output().split(" ");
        try {
            return (Long.parseLong(fields[0]) - Long.parseLong(fields[1])) * Long.parseLong(fields[2]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return 0; // it went meanwhile
        }
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
                found.add(new Mounted(fields[2], unescaped(fields[4])));
            }
        }
        return found;
    }

    /** As the kernel writes blanks and the like: a backslash and the character's number in octal. */
    static String unescaped(String field) {
        return ESCAPED.matcher(field)
                .replaceAll(match -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 8))));
    }

    private static Path process(String pid) {
        return Path.of("/proc", pid);
    }
}
