package dev.slipway.worker;

import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.BuildWatch;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.FinishedBuilds;
import dev.slipway.buildah.Buildah;
import dev.slipway.fetch.Fetcher;
import dev.slipway.image.Registries;
import dev.slipway.joblog.JobLog;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Runs builds: claims one whenever a slot is free, each on a thread of its own, until it is stopped. */
@ApplicationScoped
public class WorkerPool {
    private static final Logger LOG = Logger.getLogger(WorkerPool.class);
    /** A build takes about half a gigabyte of memory or disk meanwhile, and a look costs some milliseconds. */
    private static final Duration WATCH = Duration.ofMillis(250);

    private final WorkerConfig config;
    private final BuildConfig buildConfig;
    private final BuildQueue queue;
    private final Buildah buildah;
    private final Node node;
    private final Slots slots;
    private final SlotHousekeeping housekeeping;
    private final LeaseKeeper keeper;
    private final AttemptRunner attempts;
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
        this.buildah = buildah;
        this.node = node;
        BuildExecutor.Tools tools = new BuildExecutor.Tools(
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
        this.attempts = new AttemptRunner(
                config.workDirectory().toAbsolutePath(),
                buildConfig,
                jobLog,
                tools,
                slots,
                housekeeping,
                keeper,
                () -> running);
        LimitWatch limits = new LimitWatch(attempts::here, buildah.limits());
        DiskWatch disk =
                new DiskWatch(attempts::here, buildah, Set.of(config.slotsDirectory(), config.workDirectory()));
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
                long asked = System.nanoTime();
                Optional<ClaimedBuild> build = running ? claim() : Optional.empty();
                if (build.isPresent()) {
                    tryToBegin(build.get(), asked);
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
    private void tryToBegin(ClaimedBuild build, long asked) {
        try {
            attempts.begin(build, asked);
        } catch (RuntimeException | Error e) {
            LOG.errorf(
                    e,
                    "build %s could not be begun; it goes back to the queue with its lease",
                    build.claim().id());
        }
    }
}
