package dev.slipway.worker;

import dev.slipway.process.DirectoryLock;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The right to the directories that a service empties and tidies as if nobody else wrote there: two services that were
 * given the same would destroy each other's builds.
 */
final class OwnDirectories implements Closeable {
    /** A dying predecessor finishes its work first. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final DirectoryLock slots;
    private final DirectoryLock work;

    private OwnDirectories(DirectoryLock slots, DirectoryLock work) {
        this.slots = slots;
        this.work = work;
    }

    /** Takes both for this process, and makes them where they are missing. */
    static OwnDirectories take(Path slots, Path work, Duration patience) {
        // beside the work directory, for that goes with all that is in it
        Path besideWork = work.resolveSibling(work.getFileName() + ".lock");
        DirectoryLock first = take(slots, slots.resolve("lock"), "SLIPWAY_WORKER_SLOTS_DIRECTORY", patience);
        try {
            return new OwnDirectories(first, take(work, besideWork, "SLIPWAY_WORKER_WORK_DIRECTORY", patience));
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private static DirectoryLock take(Path directory, Path file, String setting, Duration patience) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("tried to make " + directory + " (" + setting + ") but it failed: " + e, e);
        }
        Optional<DirectoryLock> lock = DirectoryLock.take(file, patience);
        return lock.orElseThrow(() -> new IllegalStateException("tried to use " + directory + " (" + setting
                + ") but another Slipway (" + DirectoryLock.holder(file) + ") uses it; give each one its own"));
    }

    /** Lets another service have them. */
    @Override
    public void close() {
        work.close();
        slots.close();
    }
}
