package dev.slipway.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the processes of PID namespaces use, read from /proc outside of them: nothing in there has to help, or can lie. */
public final class Census {
    private static final Path PROC = Path.of("/proc");
    private static final long KIB = 1024;

    private Census() {}

    /** The processes of one namespace. */
    public static final class Group {
        private final List<String> pids = new ArrayList<>();
        private int tasks;
        private long resident;
        private long files = -1;

        private void add(String pid, String status) {
            pids.add(pid);
            tasks += (int) number(status, "Threads:");
            resident += KIB * (number(status, "RssAnon:") + number(status, "RssShmem:") + number(status, "VmSwap:"));
        }

        /** How many processes there are, each with all its threads. */
        public int tasks() {
            return tasks;
        }

        /** At most how much memory they use: what several of them share counts for each. Programs do not count. */
        public long memoryAtMost() {
            return resident + files();
        }

        /** How much room on the disk they hold in files that are deleted already. */
        public long heldOnDisk() {
            return DeletedFiles.held(pids);
        }

        private long files() {
            if (files < 0) {
                files = MemoryFiles.used(pids);
            }
            return files;
        }

        /** How much memory they use, what they share counted once; takes the kernel long, so it is asked last. */
        public long memory() {
            long sum = 0;
            for (String pid : pids) {
                try {
                    String rollup = text(PROC.resolve(pid).resolve("smaps_rollup"));
                    sum += number(rollup, "Pss_Anon:") + number(rollup, "Pss_Shmem:") + number(rollup, "SwapPss:");
                } catch (IOException e) {
                    // it ended meanwhile
                }
            }
            return KIB * sum + files();
        }
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

    /** How much memory the machine could give to processes without swapping. */
    public static long machineAvailable() throws IOException {
        return KIB * number(text(PROC.resolve("meminfo")), "MemAvailable:");
    }

    /** How many processes the kernel has killed for want of memory since the machine started. */
    public static long killedForMemory() {
        try {
            return number(text(PROC.resolve("vmstat")), "oom_kill ");
        } catch (IOException e) {
            return 0;
        }
    }

    private static String namespace(String pid) throws IOException {
        return Files.readSymbolicLink(PROC.resolve(pid).resolve("ns/pid")).toString();
    }

    private static String text(Path file) throws IOException {
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
