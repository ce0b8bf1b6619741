package dev.slipway.worker;

import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.buildah.SandboxException;
import dev.slipway.buildah.Store;
import dev.slipway.buildah.StoreUsage;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import dev.slipway.secret.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A place where one build at a time runs. Its store is its own, so nothing else ever touches it, and stays warm between
 * builds. After a kill the store is checked before it is used again, and emptied if it does not stand the check.
 */
final class Slot {
    private static final Logger LOG = Logger.getLogger(Slot.class);
    /** Housekeeping has no lease; only our death is to end it, and that ends it at once. */
    static final Duration HOUSEKEEPING_SILENCE = Duration.ofMinutes(30);

    /** For how long checks may fail for reasons that need not lie in the store. */
    private static final Duration CHECK_PATIENCE = Duration.ofMinutes(10);
    /** On a disk with less room than this, a check fails whatever the store is like. */
    private static final long ROOM = 8L << 20;

    private static final int REMEMBERED = 200;
    private static final String DISCARDED = "discarded-";
    /** The name of an image's directory. */
    private static final String ID = "????????????????????????????????????????????????????????????????";

    private final int index;
    private final Path directory;
    private final Store store;
    private final Buildah buildah;
    private final LinkedHashSet<String> repositories = new LinkedHashSet<>();
    private final ImageUses uses;
    /** Nobody knows what a predecessor left: hence from the start. */
    private boolean doubtful = true;
    /** When the first of the checks failed that could not be made. */
    private OptionalLong uncheckedSince = OptionalLong.empty();
    /** What was measured last, and whether a build has run since. */
    private volatile Optional<StoreUsage> usage = Optional.empty();

    private volatile boolean unmeasured = true;

    Slot(int index, Path directory, Buildah buildah) {
        this.index = index;
        this.directory = directory;
        this.store = Store.in(directory);
        this.buildah = buildah;
        this.uses = new ImageUses(directory);
        try {
            Path memory = directory.resolve("repositories");
            if (Files.exists(memory)) {
                repositories.addAll(Files.readAllLines(memory));
            }
        } catch (IOException e) {
            LOG.debugf("slot %d does not know what it built: %s", index, e.getMessage());
        }
    }

    int index() {
        return index;
    }

    Path directory() {
        return directory;
    }

    Store store() {
        return store;
    }

    /**
     * What keeps the private names of its images from being guessed: our own reading of a Dockerfile refuses them, but a
     * base image's ENV and ONBUILD can name images that we do not see.
     */
    String nameKey() {
        return PrivateFile.readOrCreateRandom(directory(directory).resolve("name-key"));
    }

    /** When its images were used. */
    ImageUses uses() {
        return uses;
    }

    /** How much its store took when it was measured last. */
    Optional<StoreUsage> usage() {
        return usage;
    }

    boolean isUnmeasured() {
        return unmeasured;
    }

    /** A build has run in it. */
    void unmeasured() {
        unmeasured = true;
    }

    /** Notes how much it takes; a build that ends while that is measured may have written what was not seen. */
    StoreUsage measure(Supplier<StoreUsage> measurement) {
        unmeasured = false;
        try {
            StoreUsage now = measurement.get();
            usage = Optional.of(now);
            return now;
        } catch (RuntimeException e) {
            unmeasured = true;
            throw e;
        }
    }

    /** A build says that it used images, by their ids; those that there are not it may have made up. */
    void used(Collection<String> ids) {
        try (DirectoryStream<Path> stores = imageStores()) {
            for (Path images : stores) {
                ids.stream().filter(id -> Files.exists(images.resolve(id))).forEach(uses::used);
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debugf("slot %d: its images cannot be looked at: %s", index, e.getMessage());
        }
    }

    /** How many images its store has, as cheaply as one can look: each has a directory, whatever the driver. */
    int imageCount() {
        int count = 0;
        try (DirectoryStream<Path> stores = imageStores()) {
            for (Path images : stores) {
                count += entries(images, ID);
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debugf("slot %d: its images cannot be counted: %s", index, e.getMessage());
        }
        return count;
    }

    private DirectoryStream<Path> imageStores() throws IOException {
        return Files.newDirectoryStream(store.storage(), "*-images");
    }

    private static int entries(Path directory, String pattern) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
            for (Path ignored : entries) {
                count++;
            }
        }
        return count;
    }

    /** How recently it built a repository: higher is later, -1 is never. */
    int memoryOf(String repository) {
        return List.copyOf(repositories).indexOf(repository);
    }

    /** Notes that it builds a repository now; kept over restarts as the layers are. */
    void remember(String repository) {
        repositories.remove(repository);
        repositories.add(repository);
        if (repositories.size() > REMEMBERED) {
            repositories.remove(repositories.iterator().next());
        }
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("repositories"), repositories);
        } catch (IOException e) {
            LOG.debugf("slot %d cannot note what it builds: %s", index, e.getMessage());
        }
    }

    /** A process was killed while it had the store open. */
    void doubt() {
        doubtful = true;
    }

    /** Whether {@link #prepare} has something to do. */
    boolean isInDoubt() {
        return doubtful;
    }

    /**
     * Makes the store fit for use.
     *
     * @param killer ends the check
     * @throws SandboxException if the check could not be made, which says nothing about the store
     */
    void prepare(Path work, Killer killer) {
        if (!doubtful) {
            return;
        }
        if (Files.exists(store.storage()) && !isSound(work, killer)) {
            LOG.warnf("slot %d: its store does not stand the check and is emptied", index);
            discard(store.storage(), store.blobCache());
        }
        uncheckedSince = OptionalLong.empty();
        doubtful = false;
    }

    /**
     * Empties parts of the store. They are only renamed: to delete them takes long, and must not meet what comes in their
     * place.
     */
    void discard(Path... parts) {
        try {
            for (Path part : parts) {
                if (Files.exists(part)) {
                    Files.move(part, directory.resolve(DISCARDED + UUID.randomUUID()), StandardCopyOption.ATOMIC_MOVE);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes what was discarded, by a predecessor too. */
    void deleteDiscarded() {
        if (!Files.exists(directory)) {
            return;
        }
        try (DirectoryStream<Path> discarded = Files.newDirectoryStream(directory, DISCARDED + "*")) {
            discarded.forEach(buildah::deleteTree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isSound(Path work, Killer killer) {
        Buildah.Attempt attempt = new Buildah.Attempt(store, directory(work), HOUSEKEEPING_SILENCE, killer);
        try (BuildahSandbox sandbox = buildah.openHousekeeping(attempt)) {
            if (sandbox.repair(OutputSink.DISCARD)) {
                return true;
            }
            boolean ended = !sandbox.answers();
            if (killer.killed() || (ended || !hasRoom()) && isWorthAnotherTry()) {
                throw new SandboxException("tried to check the store of slot " + index + " but "
                        + (ended ? "the check's sandbox ended" : "the disk was full"));
            }
            return false;
        }
    }

    private boolean hasRoom() {
        return directory.toFile().getUsableSpace() >= ROOM;
    }

    /** A store that itself fills the disk, or on which every check hangs, would else never be used again. */
    private boolean isWorthAnotherTry() {
        long now = System.nanoTime();
        if (uncheckedSince.isEmpty()) {
            uncheckedSince = OptionalLong.of(now);
        }
        return now - uncheckedSince.getAsLong() < CHECK_PATIENCE.toNanos();
    }

    /** Made where it is missing. */
    static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
