package dev.slipway.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A control group (version 2) of ours: all processes of one sandbox, and what the kernel holds them to together. */
public final class ControlGroup {
    /** Who is in it, a process id a line; writing one there moves that process, and 0 the writer. */
    static final String PROCESSES = "cgroup.procs";

    private static final String MEMORY_EVENTS = "memory.events";
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final Path directory;

    ControlGroup(Path directory) {
        this.directory = directory;
    }

    /** For what the kernel has killed processes of a group, or has refused them new ones. */
    public enum Refusal {
        /** They had all the memory that the group may have. */
        MEMORY,
        /** They had all the processes that the group may have. */
        PROCESSES,
        /** The machine, or a group that this one is in, had no more memory. */
        MEMORY_OF_ALL
    }

    /**
     * Makes a group.
     *
     * @param name how its name begins
     * @param values what is written to its files; those of other controllers than are given are left out
     */
    static ControlGroup make(Path above, String name, Set<String> controllers, Map<String, String> values)
            throws IOException {
        ControlGroup made = new ControlGroup(Files.createTempDirectory(above, name));
        try {
            for (Map.Entry<String, String> value : values.entrySet()) {
                if (controllers.contains(value.getKey().split("\\.")[0])) {
                    write(made.directory.resolve(value.getKey()), value.getValue());
                }
            }
            return made;
        } catch (IOException e) {
            made.remove(Duration.ZERO);
            throw e;
        }
    }

    /** A file that this kernel does not have, as that of swap on some, holds nobody to anything. */
    private static void write(Path file, String value) throws IOException {
        try {
            Files.writeString(file, value);
        } catch (IOException e) {
            if (Files.exists(file)) {
                throw e;
            }
        }
    }

    /** Where it is; who writes 0 to the file cgroup.procs in there enters it. */
    public Path directory() {
        return directory;
    }

    /** The worst that the kernel has done so far to processes that were given limits. */
    public Optional<Refusal> refusal() {
        if (count("memory.oom.group", "") > 0 && count(MEMORY_EVENTS, "oom_kill ") > 0) {
            return Optional.of(count(MEMORY_EVENTS, "oom ") > 0 ? Refusal.MEMORY : Refusal.MEMORY_OF_ALL);
        }
        long most = count("pids.max", "");
        // before Linux 6.11 what a group above refuses is counted here too
        boolean reached = !Files.exists(directory.resolve("pids.peak")) || count("pids.peak", "") >= most;
        return most > 0 && reached && count("pids.events", "max ") > 0
                ? Optional.of(Refusal.PROCESSES)
                : Optional.empty();
    }

    private long count(String file, String name) {
        try {
            return Census.number(Census.text(directory.resolve(file)), name);
        } catch (IOException e) {
            return 0; // there is no such controller, or the group is gone
        }
    }

    /** Kills whatever is in it and removes it; false where that takes too long, or we are interrupted. */
    public boolean remove(Duration within) {
        return Polling.await(this::tryRemove, within, LOOK_AGAIN);
    }

    /** The kernel lets a group go in which nobody is alive. */
    private boolean tryRemove() {
        try {
            write(directory.resolve("cgroup.kill"), "1");
            Files.deleteIfExists(directory);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
