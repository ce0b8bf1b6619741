package dev.slipway.process;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Runs commands as child processes by {@link ProcessBuilder}. */
public final class ProcessCommandRunner implements CommandRunner {
    private static final Logger LOG = Logger.getLogger(ProcessCommandRunner.class);
    /** How long a pipe may stay silent and open after its process ended: a grandchild can hold it for ever. */
    private static final Duration DRAIN = Duration.ofSeconds(2);

    @Override
    public CommandResult run(Command command, OutputSink sink, Killer killer) {
        Process process =
                Launcher.start(command.argv(), command.environment(), command.directory(), Launcher.Stderr.APART);
        Runnable victim = process::destroyForcibly;
        killer.onKill(victim);
        try {
            OutputReader out = OutputReader.start(process.getInputStream(), OutputSink.Stream.STDOUT, sink);
            OutputReader err = OutputReader.start(process.getErrorStream(), OutputSink.Stream.STDERR, sink);
            feed(process, command.stdin());
            boolean ended = process.waitFor(command.deadline().toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                killer.kill();
                process.destroyForcibly().waitFor();
            }
            out.finish(DRAIN);
            err.finish(DRAIN);
            if (!ended) {
                return new CommandResult.TimedOut(command.deadline());
            }
            return killer.killed() ? new CommandResult.Killed() : new CommandResult.Exited(process.exitValue());
        } catch (InterruptedException e) {
            killer.kill();
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            return new CommandResult.Killed();
        } finally {
            killer.forget(victim);
        }
    }

    private static void feed(Process process, byte[] stdin) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(stdin);
        } catch (IOException e) {
            // it ended without reading everything; its exit code says more than this would
            LOG.debugf("process %d did not read its stdin: %s", process.pid(), e.getMessage());
        }
    }
}
