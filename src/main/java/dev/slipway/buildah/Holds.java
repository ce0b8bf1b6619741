package dev.slipway.buildah;

import dev.slipway.process.Delegation;

/**
 * By what the kernel holds a build to its limits here.
 *
 * @param groups the control groups of sandboxes
 * @param pidNamespace whether it limits the processes of a PID namespace as a whole, and not only each user's
 */
public record Holds(Delegation groups, boolean pidNamespace) {
    private static final String BY_GROUP = "control group";

    /** The control groups in words. */
    public String controlGroups() {
        return groups.toString();
    }

    /** What holds its processes. */
    public String processes() {
        if (groups.has("pids")) {
            return "held by " + BY_GROUP;
        }
        return pidNamespace ? "held by rlimit and pid namespace" : "held by rlimit";
    }

    /** What holds its memory. */
    public String memory() {
        return groups.has("memory") ? "held by " + BY_GROUP : "watched";
    }

    /** What holds it to its number of processors. */
    public String processors() {
        return groups.has("cpu") ? "held by " + BY_GROUP : "affinity";
    }
}
