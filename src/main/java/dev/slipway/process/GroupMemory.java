package dev.slipway.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What control groups, as a container or a service manager makes them, leave of memory to the processes in ours. */
final class GroupMemory {
    /** As good as none: what version 1 says where there is no limit. */
    private static final long NO_LIMIT = 1L << 60;

    private final Path ours;
    private final Path mounted;

    /**
     * Those of this process.
     *
     * @param ours the file that names the groups we are in, /proc/self/cgroup
     * @param mounted where they are seen, /sys/fs/cgroup
     */
    GroupMemory(Path ours, Path mounted) {
        this.ours = ours;
        this.mounted = mounted;
    }

    /** What the files of a version are called; in version 1 the numbers that include all groups below begin otherwise. */
    private enum Version {
        ONE("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.oom_control", "total_"),
        TWO("memory.max", "memory.current", "memory.events", "");

        private final String limit;
        private final String used;
        private final String kills;
        private final String prefix;

        Version(String limit, String used, String kills, String prefix) {
            this.limit = limit;
            this.used = used;
            this.kills = kills;
            this.prefix = prefix;
        }
    }

    /** A group, and in which version's words it speaks. */
    private record Group(Version version, Path directory) {
        /** How much it could give its processes without swapping, caches of files counted as the kernel's MemAvailable does. */
        long available() throws IOException {
            Path limit = directory.resolve(version.limit);
            if (!Files.exists(limit)) {
                return NO_LIMIT;
            }
            String most = Census.text(limit).strip();
            if (!most.matches("[0-9]{1,18}") || Long.parseLong(most) >= NO_LIMIT) {
                return NO_LIMIT;
            }
            String used = Census.text(directory.resolve(version.used)).strip();
            String stat = Census.text(directory.resolve("memory.stat"));
            long caches = number(stat, "inactive_file ")
                    + number(stat, "active_file ")
                    + Census.number(stat, "slab_reclaimable ");
            return Math.max(0, Long.parseLong(most) - Long.parseLong(used) + caches);
        }

        private long number(String stat, String name) {
            return Census.number(stat, version.prefix + name);
        }
    }

    /** The least that our group, or one that it is in, has left. */
    long available() {
        long least = NO_LIMIT;
        try {
            for (Group group : groups()) {
                for (Path at = group.directory(); at.startsWith(mounted); at = at.getParent()) {
                    least = Math.min(least, new Group(group.version(), at).available());
                }
            }
        } catch (IOException e) {
            // the group went meanwhile, or is not ours to see: there is the machine's own number
        }
        return least;
    }

    /** How many processes of our group the kernel has killed for want of memory; empty where no group counts them. */
    OptionalLong killed() {
        try {
            for (Group group : groups()) {
                Path kills = group.directory().resolve(group.version().kills);
                if (Files.exists(kills)) {
                    String text = Census.text(kills);
                    if (text.contains("oom_kill ")) {
                        return OptionalLong.of(Census.number(text, "oom_kill "));
                    }
                }
            }
        } catch (IOException e) {
            // as where there is none
        }
        return OptionalLong.empty();
    }

    /** Each line: NUMBER:CONTROLLERS:PATH, version 2 with number 0 and no controllers. */
    private List<Group> groups() throws IOException {
        List<Group> groups = new ArrayList<>();
        for (String line : Census.text(ours).split("\n")) {
            String[] fields = line.split(":", 3);
            if (fields.length < 3) {
                continue;
            }
            if (line.startsWith("0::")) {
                groups.add(new Group(Version.TWO, directory(mounted, fields[2])));
            } else if (List.of(fields[1].split(",")).contains("memory")) {
                groups.add(new Group(Version.ONE, directory(mounted.resolve("memory"), fields[2])));
            }
        }
        return groups;
    }

    /** A container may see its own group as the root, under a path that is the host's. */
    private static Path directory(Path root, String path) {
        Path directory = root.resolve(path.substring(1)).normalize();
        return directory.startsWith(root) && Files.isDirectory(directory) ? directory : root;
    }
}
