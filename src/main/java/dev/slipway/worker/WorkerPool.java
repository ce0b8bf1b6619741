package dev.slipway.worker;

import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildOutcome;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.BuildWatch;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.FinishedBuilds;
import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.SandboxException;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.fetch.Fetcher;
import dev.slipway.image.Registries;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.JobLogWriter;
import dev.slipway.source.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Runs builds: claims one whenever a slot is free, each on a thread of its own, until it is stopped. */
@ApplicationScoped
public class WorkerPool {
    private static final Logger LOG = Logger.getLogger(WorkerPool.class);
    /** How long an outcome is offered to a database that is away; by then the lease is lost and another has the build. */
    private static final int FINISH_TRIES = 120;
    /** A build takes about half a gigabyte of memory or disk meanwhile, and a look costs some milliseconds. */
    private static final Duration WATCH = Duration.ofMillis(250);

    private final WorkerConfig config;
    private final BuildConfig buildConfig;
    private final BuildQueue queue;
    private final JobLog jobLog;
    private final Buildah buildah;
    private final BuildExecutor.Tools tools;
    private final Node node;
    private final Slots slots;
    private final SlotHousekeeping housekeeping;
    private final LeaseKeeper keeper;
    /** Those whose slots and workspaces are in use, until everything of them is gone. */
    private final Set<RunningAttempt> here = ConcurrentHashMap.newKeySet();

    private final List<Patrol> patrols;
    private final Semaphore wake = new Semaphore(0);
    private OwnDirectories directories;
    private volatile boolean started;
    private volatile boolean running;
    private volatile long handBackAt;

    WorkerPool(
            WorkerConfig config,
            BuildConfig buildConfig,
            BuildQueue queue,
            BuildWatch watch,
            JobLog jobLog,
            Sources sources,
            Buildah buildah,
            Registries registries,
            Fetcher fetcher,
            FinishedBuilds finished,
            Node node) {
        this.config = config;
        this.buildConfig = buildConfig;
        this.queue = queue;
        this.jobLog = jobLog;
        this.buildah = buildah;
        this.node = node;
        this.tools = new BuildExecutor.Tools(
                queue,
                sources,
                buildah,
                registries,
                fetcher,
                LeaseKeeper.silence(buildConfig.lease()),
                config.buildTimeout(),
                RetryPolicy.of(config));
        this.slots = new Slots(
                config.slots().orElse(Runtime.getRuntime().availableProcessors()),
                config.slotsDirectory().toAbsolutePath(),
                buildah);
        this.housekeeping = new SlotHousekeeping(
                slots,
                buildah,
                finished,
                SlotBudget.of(config, slots.count()),
                config.workDirectory().toAbsolutePath());
        this.keeper = new LeaseKeeper(queue, buildConfig);
        LimitWatch limits = new LimitWatch(() -> here, buildah.limits());
        DiskWatch disk = new DiskWatch(() -> here, buildah, Set.of(config.slotsDirectory(), config.workDirectory()));
        this.patrols = List.of(
                new Patrol("limit-watch", WATCH, limits::runOnce), new Patrol("disk-watch", WATCH, disk::runOnce));
        watch.onQueued(wake::release);
        watch.onCancel(keeper::hurry);
    }

    /**
     * Begins to claim builds. What a predecessor left goes first: its sandboxes, and all in the work directory.
     *
     * @throws IllegalStateException if another service has one of the directories
     */
    public void start() {
        directories = OwnDirectories.take(
                config.slotsDirectory().toAbsolutePath().normalize(),
                config.workDirectory().toAbsolutePath().normalize(),
                OwnDirectories.PATIENCE);
        buildah.endStrays(config.workDirectory().toAbsolutePath());
        clearWorkDirectory();
        started = true;
        running = true;
        keeper.start();
        patrols.forEach(Patrol::start);
        Thread.ofPlatform().name("dispatcher").start(this::dispatch);
    }

    /** Looks after the slots; blocks as long as that takes. */
    void lookAfterSlots() {
        if (running) {
            slots.abandoned().forEach(buildah::deleteTree);
            housekeeping.runOnce();
        }
    }

    /** What a slot keeps between builds, for people. */
    public String slotBudget() {
        return housekeeping.budget().toString();
    }

    /** How many builds run here at a time. */
    public int slots() {
        return slots.count();
    }

    /** Claims no more; the grace of running builds begins. */
    public void drain() {
        if (running) {
            running = false;
            housekeeping.stop();
            handBackAt = System.nanoTime() + config.shutdownGrace().toNanos();
            wake.release();
        }
    }

    /** Lets running builds go on for what is left of their grace, then hands them back; returns when none runs here. */
    public void stop() {
        if (!started) {
            return;
        }
        drain();
        try {
            long grace =
                    Math.max(0, Duration.ofNanos(handBackAt - System.nanoTime()).toMillis());
            if (!slots.awaitAllFree(grace)) {
                keeper.attempts().forEach(attempt -> attempt.stop(RunningAttempt.Stop.SHUTDOWN));
                if (!slots.awaitAllFree(Duration.ofSeconds(30).toMillis())) {
                    LOG.error("some builds did not stop; they go back to the queue when their leases run out");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        keeper.stop();
        patrols.forEach(Patrol::stop);
        directories.close();
    }

    private void clearWorkDirectory() {
        Path work = config.workDirectory().toAbsolutePath();
        if (Files.exists(work)) {
            buildah.deleteTree(work);
        }
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException("tried to make " + work + " but it failed: " + e, e);
        }
    }

    private void dispatch() {
        while (running) {
            try {
                if (!slots.reserve(buildConfig.poll().toMillis())) {
                    continue;
                }
                Optional<ClaimedBuild> build = running ? claim() : Optional.empty();
                if (build.isPresent()) {
                    tryToBegin(build.get());
                } else {
                    slots.release();
                    if (wake.tryAcquire(buildConfig.poll().toMillis(), TimeUnit.MILLISECONDS)) {
                        wake.drainPermits();
                    }
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private Optional<ClaimedBuild> claim() {
        try {
            return queue.claim(node.owner());
        } catch (RuntimeException e) {
            LOG.warnf("no build could be claimed: %s", e.getMessage());
            return Optional.empty();
        }
    }

    /** Whatever goes wrong here must not end the thread that all later builds depend on. */
    private void tryToBegin(ClaimedBuild build) {
        try {
            begin(build);
        } catch (RuntimeException | Error e) {
            LOG.errorf(
                    e,
                    "build %s could not be begun; it goes back to the queue with its lease",
                    build.claim().id());
        }
    }

    private void begin(ClaimedBuild build) {
        RunningAttempt attempt = new RunningAttempt(build);
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
        try (Workspace workspace = Workspace.open(config.workDirectory().toAbsolutePath(), attempt.claim(), buildah)) {
            attempt.writesTo(List.of(slot.directory(), workspace.directory()), workspace.made());
            finish(attempt, execute(attempt, slot, workspace));
            clear(slot, workspace);
        }
    }

    /** What was killed left a container in the store, and all that it wrote: it goes now, not with the next build. */
    private void clear(Slot slot, Workspace workspace) {
        if (!running) {
            return; // the next start looks after it
        }
        try {
            housekeeping.clear(slot, workspace.of("check"));
        } catch (RuntimeException e) {
            LOG.warnf("slot %d could not be cleared after a build: %s", slot.index(), e.getMessage());
        }
    }

    private BuildOutcome execute(RunningAttempt attempt, Slot slot, Workspace workspace) {
        // the log is complete before the build ends: who follows it reads to the last line
        try (JobLogWriter log =
                jobLog.open(attempt.claim().id(), attempt.claim().attempt())) {
            StepRunner steps = new StepRunner(attempt, queue, log, buildah.limits());
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
            case null -> new BuildOutcome.HandedBack(why, running);
        };
    }

    /** Says how it ended, however long the database is away. The guard in each statement drops it where it came too late. */
    private void finish(RunningAttempt attempt, BuildOutcome outcome) {
        for (int i = 0; i < FINISH_TRIES; i++) {
            try {
                boolean ended = queue.finish(attempt.claim(), outcome);
                keeper.remove(attempt);
                if (ended
                        && outcome instanceof BuildOutcome.Succeeded
                        && attempt.build().staged().isPresent()) {
                    buildah.deleteTree(tools.sources().stage(attempt.claim().id()));
                }
                return;
            } catch (RuntimeException e) {
                LOG.warnf(
                        "build %s: its end cannot be noted yet: %s",
                        attempt.claim().id(), e.getMessage());
                try {
                    Thread.sleep(buildConfig.poll());
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
