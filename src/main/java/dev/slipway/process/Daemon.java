package dev.slipway.process;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A long-lived child process whose life line is a pipe that we hold: when the pipe closes, because we close it or
 * because we die, even by SIGKILL, the child gets a SIGINT.
 */
public final class Daemon implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BUFFER = 8 * 1024;

    /**
     * Has to be there when the child is to end, so signals to the whole group (Ctrl-C, a service's stop) only interrupt
     * its waits. Job control gives the life line a group of its own to be killed by; env gives the child the default
     * signals back, for we may have been started with some of them ignored (in the background of a script). The signal is repeated, for the child may not be listening yet.
     */
    private static final String WRAPPER = """
            set -m
            trap : HUP INT TERM
            exec 3<&0 4>&2 </dev/null 2>/dev/null
            env --default-signal "$@" 2>&4 3<&- 4>&- &
            child=$!
            (
                trap '' HUP INT TERM
                cat <&3
                while kill -INT "$child"; do sleep 1; done
            ) >/dev/null 4>&- &
            line=$!
            exec 3<&- 4>&-
            while wait "$child"; code=$?; kill -0 "$child"; do :; done
            kill -KILL -- "-$line"
            exit "$code"
            """;

    private final Process process;

    private Daemon(Process process) {
        this.process = process;
    }

    /**
     * Starts a program in a session of its own, so that a Ctrl-C in our terminal does not reach it: when it ends is up
     * to us.
     *
     * @param environment all it sees of the environment; nothing is inherited
     * @throws java.io.UncheckedIOException if it could not be started
     */
    public static Daemon start(List<String> argv, Map<String, String> environment, Path directory, OutputSink output) {
        List<String> wrapped = Stream.concat(Stream.of("setsid", "bash", "-c", WRAPPER, "daemon"), argv.stream())
                .toList();
        Daemon daemon = new Daemon(Launcher.start(wrapped, environment, directory, Launcher.Stderr.APART));
        daemon.read(daemon.process.getInputStream(), OutputSink.Stream.STDOUT, output);
        daemon.read(daemon.process.getErrorStream(), OutputSink.Stream.STDERR, output);
        return daemon;
    }

    /** Whether it has not ended yet. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether {@code pid} is the program that was started. */
    public boolean hasChild(long pid) {
        return process.children().anyMatch(child -> child.pid() == pid);
    }

    /** Completes with its exit code when it has ended. */
    public CompletableFuture<Integer> onExit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** Asks it to end and waits a while; says whether it has ended. */
    public boolean end(Duration patience) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // the other end is gone already
        }
        try {
            return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Asks it to end, and kills it and all its children where it does not within ten seconds. */
    @Override
    public void close() {
        if (!end(PATIENCE)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private void read(InputStream from, OutputSink.Stream stream, OutputSink output) {
        Thread.ofPlatform()
                .daemon()
                .name("daemon-" + process.pid() + "-" + stream)
                .start(() -> {
                    byte[] buffer = new byte[BUFFER];
                    try (from) {
                        for (int n; (n = from.read(buffer)) >= 0; ) {
                            output.write(stream, buffer, n);
                        }
                    } catch (IOException e) {
                        // it ended
                    }
                });
    }
}
