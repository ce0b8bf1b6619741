package dev.slipway.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What the processes of PID namespaces use, read from /proc outside of them: nothing in there has to help, or can lie. */
public final class Census {
    private static final Path PROC = Path.of("/proc");
    private static final long KIB = 1024;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final GroupMemory GROUP_MEMORY =
            new GroupMemory(PROC.resolve("self/cgroup"), Path.of("/sys/fs/cgroup"));

    private Census() {}

    /** The processes of one namespace. */
    public static final class Group {
        private final List<String> pids = new ArrayList<>();
        private int tasks;
        private long resident;
        private boolean alive;
        private List<Path> unnamed;
        private long files;

        private void add(String pid, String status) {
            int threads = (int) number(status, "Threads:");
            pids.add(pid);
            tasks += threads;
            alive |= threads > 1 || !status.contains("\nState:\tZ");
            resident += KIB * (number(status, "RssAnon:") + number(status, "RssShmem:") + number(status, "VmSwap:"));
        }

        /** How many processes there are, each with all its threads. */
        public int tasks() {
            return tasks;
        }

        /** Whether one of them may still do something; those that only nobody has waited for cannot. */
        public boolean isAlive() {
            return alive;
        }

        /** At most how much memory they use: what several of them share counts for each. Programs do not count. */
        public long memoryAtMost() {
            return resident + files();
        }

        /** How much room on the disk they hold in files that are deleted already. */
        public long heldOnDisk() {
            return OpenFiles.onDisk(pids);
        }

        private long files() {
            if (unnamed == null) {
                unnamed = OpenFiles.inMemory(pids);
                files = MemoryFiles.used(pids) + OpenFiles.size(unnamed);
            }
            return files;
        }

        /** How much memory they use, what they share counted once; takes the kernel long, so it is asked last. */
        public long memory() {
            long sum = files();
            Set<Long> counted = OpenFiles.inodes(unnamed);
            for (String pid : pids) {
                try {
                    Path process = PROC.resolve(pid);
                    String rollup = text(process.resolve("smaps_rollup"));
                    sum += KIB
                            * (number(rollup, "Pss_Anon:") + number(rollup, "Pss_Shmem:") + number(rollup, "SwapPss:"));
                    if (!counted.isEmpty()) {
                        sum -= KIB * mapped(text(process.resolve("smaps")), counted);
                    }
                } catch (IOException e) {
                    // it ended meanwhile
                }
            }
            return sum;
        }
    }

    /**
     * How much a process has mapped of files in memory that are counted already. Each mapping begins with a line: ADDRESSES
     * PERMISSIONS OFFSET DEVICE INODE NAME. What it has of its own in there is no part of the file.
     */
    static long mapped(String smaps, Set<Long> inodes) {
        long sum = 0;
        for (String mapping : smaps.split("\n(?=[0-9a-f]+-[0-9a-f]+ )")) {
            String[] fields = mapping.split("\n", 2)[0].split(" +", 6);
            if (fields.length == 6
                    && fields[5].startsWith(OpenFiles.IN_MEMORY)
                    && inodes.contains(Long.parseLong(fields[4]))) {
                sum += Math.max(0, number(mapping, "Pss:") - number(mapping, "Anonymous:"));
            }
        }
        return sum;
    }

    /**
     * The PID namespace that a process is in.
     *
     * @throws IOException if there is no such process, or it is somebody else's
     */
    public static String namespaceOf(long pid) throws IOException {
        return namespace(Long.toString(pid));
    }

    /** Looks at all processes of this machine; those of namespaces that nobody asked for are left out. */
    public static Map<String, Group> of(Set<String> namespaces) {
        Map<String, Group> groups = new HashMap<>();
        namespaces.forEach(namespace -> groups.put(namespace, new Group()));
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path process : processes) {
                String pid = process.getFileName().toString();
                try {
                    Group group = groups.get(namespace(pid));
                    if (group != null) {
                        group.add(pid, text(process.resolve("status")));
                    }
                } catch (IOException e) {
                    // it ended meanwhile, or is not ours
                }
            }
        } catch (IOException e) {
            // the same as seeing none: there is nothing to be done about it here
        }
        return groups;
    }

    /** Waits until none is alive in a namespace; false if that takes too long, or we are interrupted. */
    public static boolean awaitEnd(String namespace, Duration within) {
        return Polling.await(() -> !of(Set.of(namespace)).get(namespace).isAlive(), within, LOOK_AGAIN);
    }

    /** How much memory the machine, or the container we are in, could give to processes without swapping. */
    public static long machineAvailable() throws IOException {
        long machine = KIB * number(text(PROC.resolve("meminfo")), "MemAvailable:");
        return Math.min(machine, GROUP_MEMORY.available());
    }

    /** How many processes the kernel has killed for want of memory so far: of our control group, or of the machine. */
    public static long killedForMemory() {
        OptionalLong ours = GROUP_MEMORY.killed();
        if (ours.isPresent()) {
            return ours.getAsLong();
        }
        try {
            return number(text(PROC.resolve("vmstat")), "oom_kill ");
        } catch (IOException e) {
            return 0;
        }
    }

    private static String namespace(String pid) throws IOException {
        return Files.readSymbolicLink(PROC.resolve(pid).resolve("ns/pid")).toString();
    }

    static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    /** The number behind a name at the beginning of a line; 0 where there is none. */
    static long number(String text, String name) {
        int at = text.startsWith(name) ? 0 : text.indexOf("\n" + name) + 1;
        if (at == 0 && !text.startsWith(name)) {
            return 0;
        }
        int from = at + name.length();
        while (from < text.length() && Character.isWhitespace(text.charAt(from))) {
            from++;
        }
        int to = from;
        while (to < text.length() && Character.isDigit(text.charAt(to))) {
            to++;
        }
        return from == to ? 0 : Long.parseLong(text, from, to, 10);
    }
}
