package dev.slipway.worker;

import dev.slipway.buildah.Buildah;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The slots of this process, and which of them are free. */
final class Slots {
    private final int count;
    private final Path directory;
    private final List<Slot> all;
    private final List<Slot> free;
    private final Semaphore permits;

    Slots(int count, Path directory, Buildah buildah) {
        this.count = count;
        this.directory = directory;
        this.all = IntStream.range(0, count)
                .mapToObj(index -> new Slot(index, directory.resolve(Integer.toString(index)), buildah))
                .toList();
        this.free = new ArrayList<>(all);
        this.permits = new Semaphore(count);
    }

    int count() {
        return count;
    }

    /** All of them, free or not. */
    List<Slot> all() {
        return all;
    }

    /** The directories of slots that there were in earlier runs, and are not any more. */
    List<Path> abandoned() {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> present = Files.list(directory)) {
            return present.filter(path -> path.getFileName().toString().matches("[0-9]{1,4}"))
                    .filter(path -> Integer.parseInt(path.getFileName().toString()) >= count)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes a certain slot, if it is free. */
    boolean tryTake(Slot slot) {
        if (!permits.tryAcquire()) {
            return false;
        }
        synchronized (this) {
            if (free.remove(slot)) {
                return true;
            }
        }
        permits.release();
        return false;
    }

    /** Waits for a free slot; {@link #take} then finds one, {@link #release} gives the right to it back unused. */
    boolean reserve(long millis) throws InterruptedException {
        return permits.tryAcquire(millis, TimeUnit.MILLISECONDS);
    }

    void release() {
        permits.release();
    }

    /** Of the free slots the one that built the repository last; of several that never did, the first. */
    synchronized Slot take(String repository) {
        Slot slot = free.stream()
                .max(Comparator.comparingInt((Slot s) -> s.memoryOf(repository))
                        .thenComparing(Slot::index, Comparator.reverseOrder()))
                .orElseThrow();
        free.remove(slot);
        slot.remember(repository);
        return slot;
    }

    void giveBack(Slot slot) {
        synchronized (this) {
            free.add(slot);
        }
        permits.release();
    }

    /** Waits until every slot is free. */
    boolean awaitAllFree(long millis) throws InterruptedException {
        if (!permits.tryAcquire(count, millis, TimeUnit.MILLISECONDS)) {
            return false;
        }
        permits.release(count);
        return true;
    }
}
