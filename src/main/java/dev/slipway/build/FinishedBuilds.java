package dev.slipway.build;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * What is kept of builds that have ended, and for how long. Its methods block, so they are for worker threads. Whatever
 * deletes takes a batch at a time, off the old end; an empty answer means that there is no more to take now.
 */
@ApplicationScoped
public class FinishedBuilds {
    /** So that no transaction is long, however much there is to delete. */
    private static final int ROWS = 500;

    private static final long BYTES = 64L << 20;
    /** Deleting a batch of large logs takes a while on a slow disk. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final RetentionRepository repository;

    FinishedBuilds(RetentionRepository repository) {
        this.repository = repository;
    }

    /** Which database they are in, however it is reached. */
    public UUID database() {
        return await(repository.identity());
    }

    /** Those of some builds that there are, in whatever state. */
    public Set<UUID> existing(Collection<UUID> builds) {
        return new HashSet<>(inBatches(builds, repository::existing));
    }

    /** Whether any build is in the queue. */
    public boolean isAnyWaiting() {
        return await(repository.isAnyWaiting());
    }

    /** Those of some builds that have ended, the one that ended first before all others. */
    public List<FinishedBuild> among(Collection<UUID> builds) {
        return inBatches(builds, repository::finished).stream()
                .sorted(Comparator.comparing(FinishedBuild::age).reversed())
                .toList();
    }

    /**
     * Notes that a build's source is taken, so that it cannot be retried from now on; the files may go then. False where
     * it has not ended, or not any more: then it needs them.
     */
    public boolean takeSource(UUID build) {
        return await(repository.takeSource(build));
    }

    /** Deletes builds that ended that long ago, with all that hangs on their rows; which they were. */
    public List<UUID> deleteOlderThan(Duration age) {
        return await(repository.deleteOlderThan(age, ROWS, BYTES));
    }

    /** Deletes builds that are not among the newest; which they were. */
    public List<UUID> deleteAllBut(long newest) {
        return await(repository.deleteAllBut(newest, ROWS, BYTES));
    }

    /** Takes the logs, all but their last lines, from builds that ended that long ago; which they were. */
    public List<UUID> trimLogsOlderThan(Duration age) {
        return await(repository.trimLogsOlderThan(age, ROWS, BYTES));
    }

    /** Takes the logs, all but their last lines, from the oldest builds while there are more bytes of logs than that. */
    public List<UUID> trimLogsDownTo(long bytes) {
        return await(repository.trimLogsDownTo(bytes, ROWS, BYTES));
    }

    private static <T> List<T> inBatches(Collection<UUID> builds, Function<List<UUID>, Uni<List<T>>> query) {
        List<UUID> all = List.copyOf(builds);
        List<T> found = new ArrayList<>();
        for (int from = 0; from < all.size(); from += ROWS) {
            found.addAll(await(query.apply(all.subList(from, Math.min(from + ROWS, all.size())))));
        }
        return found;
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(PATIENCE);
    }
}
