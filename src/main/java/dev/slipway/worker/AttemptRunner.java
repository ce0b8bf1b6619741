package dev.slipway.worker;

import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildOutcome;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.buildah.SandboxException;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.JobLogWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Runs attempts, each in a slot and on a thread of its own, from the claim to the outcome in the database. */
final class AttemptRunner {
    private static final Logger LOG = Logger.getLogger(AttemptRunner.class);
    /** How long an outcome is offered to a database that is away; by then the lease is lost and another has the build. */
    private static final int FINISH_TRIES = 120;

    private final Path workDirectory;
    private final BuildConfig config;
    private final JobLog jobLog;
    private final BuildExecutor.Tools tools;
    private final Slots slots;
    private final SlotHousekeeping housekeeping;
    private final LeaseKeeper keeper;
    private final BooleanSupplier goesOn;
    /** Those whose slots and workspaces are in use, until everything of them is gone. */
    private final Set<RunningAttempt> here = ConcurrentHashMap.newKeySet();

    /** @param goesOn whether the service is to go on, or is being stopped */
    AttemptRunner(
            Path workDirectory,
            BuildConfig config,
            JobLog jobLog,
            BuildExecutor.Tools tools,
            Slots slots,
            SlotHousekeeping housekeeping,
            LeaseKeeper keeper,
            BooleanSupplier goesOn) {
        this.workDirectory = workDirectory;
        this.config = config;
        this.jobLog = jobLog;
        this.tools = tools;
        this.slots = slots;
        this.housekeeping = housekeeping;
        this.keeper = keeper;
        this.goesOn = goesOn;
    }

    /** The attempts that have something on this machine still: a process, a slot or a workspace. */
    Set<RunningAttempt> here() {
        return here;
    }

    /**
     * Begins to run a build in a slot that was reserved for it, and returns.
     *
     * @param claimed when it was asked for, by {@link System#nanoTime}
     */
    void begin(ClaimedBuild build, long claimed) {
        RunningAttempt attempt = new RunningAttempt(build, keeper.hold(claimed));
        Slot slot = slots.take(build.repository());
        Thread thread = Thread.ofPlatform().name("build-" + build.number()).unstarted(() -> {
            try {
                run(attempt, slot);
            } catch (RuntimeException | Error e) {
                LOG.errorf(
                        e,
                        "build %s: attempt %d broke",
                        build.claim().id(),
                        build.claim().attempt());
                finish(attempt, new BuildOutcome.HandedBack("something broke on our side: " + e, true));
            } finally {
                here.remove(attempt);
                keeper.remove(attempt);
                lookAfter(slot);
                slots.giveBack(slot);
            }
        });
        here.add(attempt);
        keeper.add(attempt);
        try {
            thread.start();
        } catch (Error e) { // there are no more threads to be had
            here.remove(attempt);
            keeper.remove(attempt);
            slots.giveBack(slot);
            throw e;
        }
    }

    /** Whatever goes wrong here, the slot has to go back. */
    private void lookAfter(Slot slot) {
        try {
            housekeeping.afterBuild(slot);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "slot %d could not be looked after", slot.index());
        }
    }

    private void run(RunningAttempt attempt, Slot slot) {
        try (Workspace workspace = Workspace.open(workDirectory, attempt.claim(), tools.buildah())) {
            attempt.writesTo(List.of(slot.directory(), workspace.directory()), workspace.made());
            finish(attempt, execute(attempt, slot, workspace));
        }
        clear(slot);
    }

    /** What was killed left a container in the store, and all that it wrote: it goes now, not with the next build. */
    private void clear(Slot slot) {
        if (!goesOn.getAsBoolean()) {
            return; // the next start looks after it
        }
        try {
            housekeeping.clear(slot);
        } catch (RuntimeException e) {
            LOG.warnf("slot %d could not be cleared after a build: %s", slot.index(), e.getMessage());
        }
    }

    private BuildOutcome execute(RunningAttempt attempt, Slot slot, Workspace workspace) {
        // the log is complete before the build ends: who follows it reads to the last line
        try (JobLogWriter log =
                jobLog.open(attempt.claim().id(), attempt.claim().attempt())) {
            StepRunner steps =
                    new StepRunner(attempt, tools.queue(), log, tools.buildah().limits());
            try {
                slot.prepare(workspace.of("check"), attempt.killer());
                return new BuildExecutor(attempt, steps, slot, workspace, tools).run();
            } catch (StepException e) {
                return new BuildOutcome.Failed(
                        e.code(), e.getMessage(), steps.current(), e.exitCode(), Optional.empty());
            } catch (AttemptEndedException | SandboxException e) {
                slot.doubt();
                return ended(attempt, e.getMessage());
            } catch (RuntimeException e) {
                slot.doubt();
                boolean away = e instanceof SlipwayException failure && failure.code() == ErrorCode.UNAVAILABLE;
                if (away || attempt.stopped().isPresent()) {
                    return ended(attempt, e.getMessage());
                }
                LOG.errorf(
                        e,
                        "build %s: attempt %d failed by our fault",
                        attempt.claim().id(),
                        attempt.claim().attempt());
                return new BuildOutcome.Failed(
                        ErrorCode.INTERNAL,
                        "tried to run the build but something broke on our side; the service's log says more",
                        steps.current(),
                        Optional.empty(),
                        Optional.empty());
            }
        }
    }

    private BuildOutcome ended(RunningAttempt attempt, String why) {
        return switch (attempt.stopped().orElse(null)) {
            case CANCELLED -> new BuildOutcome.Cancelled();
            case SHUTDOWN -> new BuildOutcome.HandedBack("the service shuts down", false);
            case LOST -> new BuildOutcome.HandedBack("the lease is lost", true);
            // when the whole system shuts down, our processes may be stopped before we are told
            case null -> new BuildOutcome.HandedBack(why, goesOn.getAsBoolean());
        };
    }

    /** Says how it ended, however long the database is away. The guard in each statement drops it where it came too late. */
    private void finish(RunningAttempt attempt, BuildOutcome outcome) {
        attempt.ending();
        for (int i = 0; i < FINISH_TRIES; i++) {
            try {
                boolean ended = tools.queue().finish(attempt.claim(), outcome);
                keeper.remove(attempt);
                if (ended
                        && outcome instanceof BuildOutcome.Succeeded
                        && attempt.build().staged().isPresent()) {
                    tools.buildah()
                            .deleteTree(tools.sources().stage(attempt.claim().id()));
                }
                return;
            } catch (RuntimeException e) {
                LOG.warnf(
                        "build %s: its end cannot be noted yet: %s",
                        attempt.claim().id(), e.getMessage());
                try {
                    Thread.sleep(config.poll());
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
