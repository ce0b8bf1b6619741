package dev.slipway.process;

/**
 * How a {@link Tool} ended.
 *
 * @param exitCode its exit code; meaningless where it {@code timedOut}
 * @param timedOut whether it was killed because its deadline had passed
 * @param output the last it said on stdout and stderr, without trailing space
 */
public record ToolResult(int exitCode, boolean timedOut, String output) {
    /** Whether it ended by itself with exit code 0. */
    public boolean succeeded() {
        return !timedOut && exitCode == 0;
    }

    /** How it failed, as the second half of "tried to … but …". */
    public String failure() {
        return (timedOut ? "it took too long" : "it ended with exit code " + exitCode)
                + (output.isEmpty() ? "" : ": " + output);
    }
}
