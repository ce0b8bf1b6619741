package dev.slipway.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program that is run to its end, says little, and has a deadline. */
public final class Tool {
    private static final int KEPT_OUTPUT = 8 * 1024;
    /** How long its output may stay open after its end: a grandchild can hold it for ever. */
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private Tool() {}

    /**
     * Runs a program.
     *
     * @param environment all it sees of the environment; nothing is inherited
     * @param stdin what it reads, then end-of-file
     * @throws java.io.UncheckedIOException if it could not be started
     */
    public static ToolResult run(List<String> argv, Map<String, String> environment, byte[] stdin, Duration deadline) {
        Process process = Launcher.start(argv, environment, Path.of("/"), Launcher.Stderr.INTO_STDOUT);
        CompletableFuture<String> output = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("tool-output").start(() -> output.complete(tail(process.getInputStream())));
        try {
            feed(process, stdin);
            boolean ended = process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
            }
            return new ToolResult(process.waitFor(), !ended, read(output));
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            return new ToolResult(-1, true, "interrupted");
        }
    }

    private static void feed(Process process, byte[] stdin) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(stdin);
        } catch (IOException e) {
            // it ended without reading everything; its exit code says more than this would
        }
    }

    private static String tail(InputStream from) {
        byte[] kept = new byte[0];
        byte[] buffer = new byte[KEPT_OUTPUT];
        try (from) {
            for (int n; (n = from.read(buffer)) >= 0; ) {
                int old = Math.min(kept.length, KEPT_OUTPUT - n);
                byte[] both = new byte[old + n];
                System.arraycopy(kept, kept.length - old, both, 0, old);
                System.arraycopy(buffer, 0, both, old, n);
                kept = both;
            }
        } catch (IOException e) {
            // killed: what it said until then is what there is
        }
        return new String(kept, StandardCharsets.UTF_8).strip();
    }

    private static String read(CompletableFuture<String> output) throws InterruptedException {
        try {
            return output.get(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return "";
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
