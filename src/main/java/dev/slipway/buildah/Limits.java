package dev.slipway.buildah;

import com.sun.management.OperatingSystemMXBean;
import io.quarkus.runtime.configuration.MemorySize;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What one build may use of the machine, in bytes where it is no number of things.
 *
 * @param processes its processes, each with its threads
 * @param minFreeMemory what stays free of the machine's memory whatever builds do
 * @param minFreeDisk what stays free of the disk whatever builds do
 */
public record Limits(
        int processes, long memory, OptionalDouble cpus, long disk, long output, long minFreeMemory, long minFreeDisk) {
    private static final long GIB = 1L << 30;
    private static final long MIB = 1L << 20;
    /**
     * How much lower a control group's limit is than the rlimit: each counts a few processes that the other does not, and
     * only the group tells afterwards that it refused one.
     */
    private static final int GROUP_BEFORE_RLIMIT = 8;
    /** The kernel gives no lower numbers twice, so they count against the highest. */
    private static final int RESERVED_PIDS = 300;
    /** In microseconds; the kernel's own, of which it hands out no less than a hundredth. */
    private static final int CPU_PERIOD = 100_000;

    private static final double LEAST_CPUS = 0.01;

    public Limits {
        if (cpus.isPresent() && !(cpus.getAsDouble() >= LEAST_CPUS)) {
            throw new IllegalArgumentException("SLIPWAY_LIMIT_CPUS is " + cpus.getAsDouble()
                    + ", but a build cannot do with less than " + LEAST_CPUS + " processors");
        }
    }

    static Limits of(LimitConfig config) {
        return new Limits(
                config.processes(),
                config.memory().map(MemorySize::asLongValue).orElseGet(() -> machineMemory() / 2),
                config.cpus(),
                config.disk().asLongValue(),
                config.output().asLongValue(),
                config.minFreeMemory().asLongValue(),
                config.minFreeDisk().asLongValue());
    }

    /** Of a container's, where we are in one. */
    private static long machineMemory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /** Where the rlimit is. It is more than a build may have, so that who hits it is surely over its limit. */
    int hardProcesses() {
        return processes + processes / 4 + 16;
    }

    /** On how many processors it runs, where not on all. */
    OptionalInt processors() {
        return cpus.isPresent() ? OptionalInt.of((int) Math.ceil(cpus.getAsDouble())) : OptionalInt.empty();
    }

    /** The files of a control group that hold a build to these, and what stands in them. */
    Map<String, String> inControlGroup() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("memory.max", Long.toString(memory));
        files.put("memory.swap.max", "0");
        // all of it at once: what lies in files in memory goes with the last process only
        files.put("memory.oom.group", "1");
        files.put("pids.max", Integer.toString(hardProcesses() - GROUP_BEFORE_RLIMIT));
        // as each of its processes has it, which counts only within a group
        files.put("cpu.weight.nice", "10");
        cpus.ifPresent(count -> files.put("cpu.max", Math.round(count * CPU_PERIOD) + " " + CPU_PERIOD));
        return files;
    }

    /** The highest process number of a sandbox where the kernel says no to all users of it together. */
    int highestPid() {
        return RESERVED_PIDS + hardProcesses();
    }

    /** A number of bytes for people. */
    public static String size(long bytes) {
        if (bytes >= GIB) {
            return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB).replace(".0 ", " ");
        }
        return bytes / MIB + " MiB";
    }
}
