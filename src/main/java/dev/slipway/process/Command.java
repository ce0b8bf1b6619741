package dev.slipway.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What to run: its arguments, its whole environment (nothing is inherited), what it reads from stdin, and how long it
 * may take.
 *
 * @param argv the program (by absolute path, or found in {@link #PATH}) and its arguments; never a secret
 * @param environment all variables the program sees, but for PATH, which is always {@link #PATH}; never a secret
 * @param directory where it runs
 * @param stdin what it reads, then end-of-file; the one way a secret reaches a process
 * @param deadline after which it is killed
 */
public record Command(
        List<String> argv, Map<String, String> environment, Path directory, byte[] stdin, Duration deadline) {
    /** Where programs are looked for: the system's own directories, not the user's. */
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final byte[] NOTHING = {};

    /** Copies, so that nobody changes it afterwards. */
    public Command {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }

    /** A command without environment and stdin that runs in the root directory. */
    public static Command of(Duration deadline, List<String> argv) {
        return new Command(argv, Map.of(), Path.of("/"), NOTHING, deadline);
    }

    /** The same with an environment. */
    public Command withEnvironment(Map<String, String> variables) {
        return new Command(argv, variables, directory, stdin, deadline);
    }

    /** The same with something to read. */
    public Command withStdin(byte[] bytes) {
        return new Command(argv, environment, directory, bytes, deadline);
    }

    /** The program and its arguments only: stdin may be a secret. */
    @Override
    public String toString() {
        return String.join(" ", argv);
    }
}
