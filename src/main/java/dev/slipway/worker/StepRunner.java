package dev.slipway.worker;

import dev.slipway.build.BuildQueue;
import dev.slipway.build.Step;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.buildah.Limits;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.joblog.JobLogWriter;
import dev.slipway.joblog.LogLine;
import dev.slipway.process.Census;
import dev.slipway.process.CommandResult;
import dev.slipway.process.OutputSink;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Runs an attempt's steps one after another: notes when each begins and ends, and turns what goes wrong into an error. */
final class StepRunner {
    private static final Logger LOG = Logger.getLogger(StepRunner.class);
    /** How many of the last lines of output stand in an error. */
    private static final int LAST_LINES = 5;

    private static final String LINES_FOLLOW = ":\n";
    /** 128 + SIGKILL: killed together with its sandbox, or alone, for example by the kernel for want of memory. */
    private static final int KILLED = 137;

    private static final String LAST_WORD = "Error: ";

    private final RunningAttempt attempt;
    private final BuildQueue queue;
    private final JobLogWriter log;
    private final Limits limits;
    private final AtomicLong printed = new AtomicLong();
    private final long killedForMemory = Census.killedForMemory();
    private int position;
    private Step current;

    StepRunner(RunningAttempt attempt, BuildQueue queue, JobLogWriter log, Limits limits) {
        this.attempt = attempt;
        this.queue = queue;
        this.log = log;
        this.limits = limits;
    }

    /** The step that began last. */
    Optional<Step> current() {
        return Optional.ofNullable(current);
    }

    /**
     * Runs a step.
     *
     * @param code what its failure is called where the failure itself does not say
     * @throws StepException if it failed
     * @throws AttemptEndedException if the attempt cannot go on
     */
    <T> T run(Step step, ErrorCode code, Supplier<T> body) {
        checkNotStopped();
        current = step;
        attempt.beginStep();
        int at = ++position;
        checkHeld(queue.beginStep(attempt.claim(), at, step));
        long began = System.nanoTime();
        boolean succeeded = false;
        try {
            T result = body.get();
            succeeded = true;
            return result;
        } catch (SlipwayException e) {
            if (e.code() == ErrorCode.UNAVAILABLE) {
                throw e; // the database's absence is not the build's fault
            }
            say(e.getMessage());
            throw new StepException(e.code(), e.getMessage());
        } catch (StepException e) {
            say(headline(e.getMessage()));
            throw e;
        } catch (UncheckedIOException e) {
            checkNotStopped(); // files vanish under who is being stopped
            say(e.getMessage());
            throw new StepException(code, e.getMessage());
        } finally {
            LOG.infof(
                    "build %s: %s %s after %d ms",
                    attempt.claim().id(),
                    step,
                    succeeded ? "succeeded" : "did not succeed",
                    (System.nanoTime() - began) / 1_000_000);
            queue.endStep(attempt.claim(), at, succeeded);
        }
    }

    /** Where a process's output goes during the current step. */
    OutputSink sink() {
        String step = current.name();
        return (stream, bytes, length) -> {
            if (printed.addAndGet(length) > limits.output()) {
                attempt.exceed(Excess.of("it printed more than " + Limits.size(limits.output())));
            }
            log.write(
                    step,
                    stream == OutputSink.Stream.STDOUT ? LogLine.Stream.STDOUT : LogLine.Stream.STDERR,
                    bytes,
                    length);
        };
    }

    /** Adds a remark of ours to the log of the current step. */
    void say(String text) {
        say(current, text);
    }

    /** Adds a remark of ours to the log of a step, which may be still to come. */
    void say(Step step, String text) {
        log.say(step.name(), text);
    }

    /** The last line that was printed in the current step; empty text where there is none. */
    String lastLine() {
        return String.join("", log.tail(current.name(), 1));
    }

    /** buildah 1.28 now and then says that a process of its own was killed, although nobody did that. */
    boolean isSpuriousKill(CommandResult result) {
        return result instanceof CommandResult.Exited(int exit)
                && exit != 0
                && excess().isEmpty()
                && Census.killedForMemory() == killedForMemory
                && log.tail(current.name(), LAST_LINES).stream().anyMatch(line -> line.contains("signal: killed"));
    }

    /**
     * Returns if the command succeeded.
     *
     * @param tried what it was to do, for "tried to …"
     */
    void check(CommandResult result, BuildahSandbox sandbox, ErrorCode code, String tried) {
        switch (result) {
            case CommandResult.Exited(int exit) when exit == 0 -> {}
            case CommandResult.Exited(int exit) -> {
                checkNotStopped();
                checkWithinLimits(code, tried);
                if (!sandbox.isOpen() || exit == KILLED && !(saidWhy() && sandbox.answers())) {
                    throw new AttemptEndedException(
                            "tried to " + tried + " but its processes were killed from outside");
                }
                String ended = "tried to " + tried + " but it ended with exit code " + exit;
                if (attempt.isDiskFull()) { // which shows as whatever the tools make of it
                    throw new StepException(
                            ErrorCode.STORAGE_FULL, ended + " while the disk was full" + lastLines(), exit);
                }
                throw new StepException(code, ended + memoryRanOut() + lastLines(), exit);
            }
            case CommandResult.TimedOut(var after) -> {
                checkNotStopped();
                checkWithinLimits(code, tried);
                throw new StepException(
                        ErrorCode.TIMED_OUT,
                        "tried to " + tried + " but it did not end within " + after.toSeconds() + " s" + lastLines());
            }
            case CommandResult.Killed() -> {
                checkNotStopped();
                checkWithinLimits(code, tried);
                throw new AttemptEndedException("tried to " + tried + " but its sandbox was killed");
            }
        }
    }

    private void checkWithinLimits(ErrorCode code, String tried) {
        excess().ifPresent(excess -> {
            throw new StepException(
                    excess.code().orElse(code), "tried to " + tried + " but " + excess.why() + lastLines());
        });
    }

    private Optional<Excess> excess() {
        attempt.askTheKernel(limits);
        return attempt.excess();
    }

    /** Which processes the kernel killed it does not tell us, but of those in sandboxes' control groups. */
    private String memoryRanOut() {
        return Census.killedForMemory() > killedForMemory
                ? "; meanwhile this machine ran out of memory, and the kernel killed a process for it"
                : "";
    }

    /** Whether buildah itself had the last word, as it always has unless it was killed. */
    private boolean saidWhy() {
        return log.tail(current.name(), 1).stream().anyMatch(line -> line.startsWith(LAST_WORD));
    }

    /** The attempt cannot go on if the database says that its claim is another's. */
    void checkHeld(boolean held) {
        if (!held) {
            attempt.stop(RunningAttempt.Stop.LOST);
            throw new AttemptEndedException("the claim is lost");
        }
    }

    void checkNotStopped() {
        attempt.stopped().ifPresent(why -> {
            throw new AttemptEndedException("stopped: " + why);
        });
    }

    /** Without {@link #lastLines()}: the log has them already. */
    private static String headline(String message) {
        int lines = message.indexOf(LINES_FOLLOW);
        return lines < 0 ? message : message.substring(0, lines);
    }

    private String lastLines() {
        // what RUN printed last matters; the other tools say all of it in one line, after much progress
        List<String> last = log.tail(current.name(), current == Step.BUILD ? LAST_LINES : 1);
        return last.isEmpty() ? "" : last.stream().collect(Collectors.joining("\n", LINES_FOLLOW, ""));
    }
}
