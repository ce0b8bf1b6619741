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
import java.util.Set;
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

    private final Supplier<Set<RunningAttempt>> attempts;
    private final Buildah buildah;
    private final Limits limits;
    private final List<FileStore> disks;
    private final Map<RunningAttempt, Measured> known = new HashMap<>();

    /** What an attempt had written when it was measured last. */
    private record Measured(long written, long freeThen, long atNanos) {
        /** The most that it can have written by now, had nobody else written anything. */
        long atMost(long freeNow) {
            return written + Math.max(0, freeThen - freeNow);
        }

        boolean isOld(long nanos) {
            return nanos - atNanos > MEASURED_ANYWAY.toNanos();
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

    /** Looks once. */
    void runOnce() {
        Set<RunningAttempt> running = attempts.get();
        known.keySet().retainAll(running);
        if (running.isEmpty()) {
            return;
        }
        long[] free = disks.stream().mapToLong(DiskWatch::free).toArray();
        long sum = Arrays.stream(free).sum();
        for (RunningAttempt attempt : running) {
            Measured before = known.computeIfAbsent(attempt, a -> new Measured(0, sum, System.nanoTime()));
            boolean doubtful =
                    before.atMost(sum) > limits.disk() || before.isOld(System.nanoTime()) && before.freeThen() != sum;
            if (doubtful && attempt.excess().isEmpty() && measure(attempt, sum) > limits.disk()) {
                attempt.exceed(Excess.ofDisk("it wrote more than " + Limits.size(limits.disk()) + " to the disk"));
            }
        }
        if (Arrays.stream(free).anyMatch(bytes -> bytes < FULL)) {
            running.forEach(RunningAttempt::sawFullDisk);
        }
        if (Arrays.stream(free).anyMatch(bytes -> bytes < limits.minFreeDisk())) {
            endLargest(running, sum);
        }
    }

    /** One at a time: what it wrote goes with it, and until then nobody can say whether that is enough. */
    private void endLargest(Set<RunningAttempt> running, long free) {
        if (running.stream().anyMatch(attempt -> attempt.excess().isPresent())) {
            return;
        }
        RunningAttempt largest = null;
        long most = LITTLE;
        for (RunningAttempt attempt : running) {
            long written = known.get(attempt).atMost(free) > most ? measure(attempt, free) : 0;
            if (written > most) {
                largest = attempt;
                most = written;
            }
        }
        if (largest != null) {
            largest.exceed(Excess.ofDisk("less than " + Limits.size(limits.minFreeDisk())
                    + " of the disk was free, and of all builds it wrote most: " + Limits.size(most)));
        }
    }

    private long measure(RunningAttempt attempt, long free) {
        long written = Census.of(attempt.namespaces()).values().stream()
                .mapToLong(Census.Group::heldOnDisk)
                .sum();
        try {
            written += attempt.places().isEmpty() ? 0 : buildah.written(attempt.places(), attempt.began());
        } catch (UncheckedIOException e) {
            LOG.warn(e.getMessage());
        }
        known.put(attempt, new Measured(written, free, System.nanoTime()));
        return written;
    }

    private static long free(FileStore disk) {
        try {
            return disk.getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
