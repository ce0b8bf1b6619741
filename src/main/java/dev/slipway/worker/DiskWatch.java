package dev.slipway.worker;

import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.Limits;
import dev.slipway.process.Census;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Ends a build that has written more to the disk than it may and, where the disk is nearly full, the build that has
 * written most. The disk is asked how much is free, which costs nothing; what a build has written is measured only when
 * so much went that it may be too much.
 */
final class DiskWatch {
    private static final Logger LOG = Logger.getLogger(DiskWatch.class);
    /** Room comes back too, and hides what is written meanwhile: so it is measured now and then all the same. */
    private static final Duration MEASURED_ANYWAY = Duration.ofMinutes(1);
    /** Whoever wrote less is not to blame for a full disk. */
    private static final long LITTLE = 64L << 20;
    /** On a disk with less room than this, writing fails. */
    private static final long FULL = 8L << 20;

    /** How long a nearly full disk waits for all to be measured. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Supplier<Set<RunningAttempt>> attempts;
    private final Buildah buildah;
    private final Limits limits;
    private final List<FileStore> disks;
    private final Map<RunningAttempt, Measured> known = new ConcurrentHashMap<>();
    /** Those that are being measured, each on a thread of its own: it takes as long as somebody has made files. */
    private final Set<RunningAttempt> measuring = ConcurrentHashMap.newKeySet();
    /** Since when the disk is nearly full. */
    private OptionalLong shortSince = OptionalLong.empty();

    /** What an attempt had written when it was measured last. */
    private record Measured(long written, long freeThen, long beganNanos, long endedNanos) {
        /** The most that it can have written by now, had nobody else written anything. */
        long atMost(long freeNow) {
            return written + Math.max(0, freeThen - freeNow);
        }

        boolean isOld(long nanos) {
            return nanos - endedNanos > MEASURED_ANYWAY.toNanos();
        }

        boolean beganSince(long nanos) {
            return beganNanos - nanos >= 0;
        }
    }

    DiskWatch(Supplier<Set<RunningAttempt>> attempts, Buildah buildah, Set<Path> directories) {
        this.attempts = attempts;
        this.buildah = buildah;
        this.limits = buildah.limits();
        this.disks = directories.stream().map(DiskWatch::disk).distinct().toList();
    }

    private static FileStore disk(Path directory) {
        try {
            return Files.getFileStore(Files.createDirectories(directory));
        } catch (IOException e) {
            throw new UncheckedIOException("tried to look at the disk of " + directory + " but it failed: " + e, e);
        }
    }

    /** Looks once, and waits for no measurement. */
    void runOnce() {
        Set<RunningAttempt> running = Set.copyOf(attempts.get());
        known.keySet().retainAll(running);
        long[] free = disks.stream().mapToLong(DiskWatch::free).toArray();
        long sum = Arrays.stream(free).sum();
        long now = System.nanoTime();
        running.forEach(attempt -> known.putIfAbsent(attempt, new Measured(0, sum, now, now)));
        if (Arrays.stream(free).anyMatch(bytes -> bytes < FULL)) {
            running.forEach(RunningAttempt::sawFullDisk);
        }
        if (Arrays.stream(free).noneMatch(bytes -> bytes < limits.minFreeDisk())) {
            shortSince = OptionalLong.empty();
        } else if (running.stream().noneMatch(attempt -> attempt.excess().isPresent())) {
            endLargest(running, sum, now);
        }
        running.stream().filter(attempt -> attempt.excess().isEmpty()).forEach(attempt -> judge(attempt, sum, now));
    }

    private void judge(RunningAttempt attempt, long free, long now) {
        Measured last = known.get(attempt);
        if (last.written() > limits.disk()) {
            attempt.exceed(Excess.ofDisk("it wrote more than " + Limits.size(limits.disk()) + " to the disk"));
        } else if (last.atMost(free) > limits.disk() || last.isOld(now) && last.freeThen() != free) {
            measure(attempt, free);
        }
    }

    /**
     * One at a time: what it wrote goes with it, and until then nobody can say whether that is enough. Who cannot be
     * measured in time counts with the most it can have written.
     */
    private void endLargest(Set<RunningAttempt> running, long free, long now) {
        long since = shortSince.orElse(now);
        shortSince = OptionalLong.of(since);
        Map<RunningAttempt, Long> written = new HashMap<>();
        boolean waiting = false;
        for (RunningAttempt attempt : running) {
            Measured last = known.get(attempt);
            if (last.beganSince(since) && last.endedNanos() != last.beganNanos()) {
                written.put(attempt, last.written());
            } else if (last.atMost(free) > LITTLE) {
                written.put(attempt, last.atMost(free));
                measure(attempt, free);
                waiting = true;
            }
        }
        if (waiting && now - since < PATIENCE.toNanos()) {
            return;
        }
        written.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .filter(largest -> largest.getValue() > LITTLE)
                .ifPresent(largest -> largest.getKey()
                        .exceed(Excess.ofDisk("less than " + Limits.size(limits.minFreeDisk())
                                + " of the disk was free, and of all builds it wrote most: "
                                + Limits.size(largest.getValue()))));
        shortSince = OptionalLong.empty();
    }

    /** Has an attempt measured, unless it is being measured. */
    private void measure(RunningAttempt attempt, long free) {
        if (!measuring.add(attempt)) {
            return;
        }
        Runnable measurement = () -> {
            long began = System.nanoTime();
            try {
                long written = written(attempt);
                known.computeIfPresent(attempt, (a, last) -> new Measured(written, free, began, System.nanoTime()));
            } catch (RuntimeException e) {
                LOG.warnf("what a build has written could not be measured: %s", e.getMessage());
                known.computeIfPresent(
                        attempt, (a, last) -> new Measured(last.written(), free, began, System.nanoTime()));
            } finally {
                measuring.remove(attempt);
            }
        };
        try {
            Thread.ofPlatform().daemon().name("disk-measure").start(measurement);
        } catch (OutOfMemoryError e) { // there are no more threads to be had
            measuring.remove(attempt);
        }
    }

    private long written(RunningAttempt attempt) {
        long held = Census.of(attempt.namespaces()).values().stream()
                .mapToLong(Census.Group::heldOnDisk)
                .sum();
        return held + (attempt.places().isEmpty() ? 0 : buildah.written(attempt.places(), attempt.began()));
    }

    private static long free(FileStore disk) {
        try {
            return disk.getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
