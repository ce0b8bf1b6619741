package dev.slipway.process;

/** Runs commands to their end. */
public interface CommandRunner {
    /**
     * Runs a command, hands every byte of its output to {@code sink}, and returns when it and all readers of its output
     * are done.
     *
     * @param killer what ends the command where killing its first process is not enough (a sandbox's whole namespace)
     * @throws java.io.UncheckedIOException if it could not be started
     */
    CommandResult run(Command command, OutputSink sink, Killer killer);

    /** Runs a command whose first process is all there is to kill. */
    default CommandResult run(Command command, OutputSink sink) {
        return run(command, sink, new Killer());
    }
}
