package dev.slipway.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A long-lived child whose stdin is its life line: it ends itself when the line breaks, with us or by {@link #close}. */
public final class Lifeline {
    private static final byte[] BEAT = {'\n'};
    private final Process process;
    private final OutputStream line;
    /** What the child said; empty once its output ended. */
    private final BlockingQueue<Optional<String>> lines = new ArrayBlockingQueue<>(64);

    private Lifeline(Process process) {
        this.process = process;
        this.line = process.getOutputStream();
        Thread.ofPlatform().daemon().name("lifeline-" + process.pid()).start(this::readAll);
    }

    /** Starts the command's program; its stdin and deadline do not count here. */
    public static Lifeline start(Command command) {
        return new Lifeline(Launcher.start(
                command.argv(), command.environment(), command.directory(), Launcher.Stderr.INTO_STDOUT));
    }

    private void readAll() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String read; (read = reader.readLine()) != null; ) {
                lines.offer(Optional.of(read)); // nobody reads more than a few lines; what is over is of no use
            }
        } catch (IOException e) {
            // the same as the end of the output
        }
        lines.offer(Optional.empty());
    }

    /**
     * The next line of its output.
     *
     * @throws IOException if none came in time, or none will come
     */
    public String readLine(Duration within) throws IOException {
        try {
            Optional<String> read = lines.poll(within.toMillis(), TimeUnit.MILLISECONDS);
            if (read == null) {
                throw new IOException("nothing was heard within " + within.toSeconds() + " s");
            }
            return read.orElseThrow(() -> new IOException("it ended without a word"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("it was interrupted", e);
        }
    }

    /** Sends a sign of life; a child that has ended does not care. */
    public void beat() {
        try {
            line.write(BEAT);
            line.flush();
        } catch (IOException e) {
            // it ended: whoever works with it will notice by its own means
        }
    }

    /** The child's process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether the child runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Breaks the line and waits for the child's end; false, and the child is killed, if it does not come in time. */
    public boolean close(Duration within) {
        try {
            line.close();
        } catch (IOException e) {
            // broken already
        }
        try {
            if (process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return false;
    }
}
