package dev.slipway.worker;

import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.buildah.Store;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * A place where one build at a time runs. Its store is its own, so nothing else ever touches it, and stays warm between
 * builds. After a kill the store is checked before it is used again, and emptied if it does not stand the check.
 */
final class Slot {
    private static final Logger LOG = Logger.getLogger(Slot.class);
    /** Housekeeping has no lease; only our death is to end it, and that ends it at once. */
    private static final Duration HOUSEKEEPING_SILENCE = Duration.ofMinutes(30);

    private static final int REMEMBERED = 200;

    private final int index;
    private final Path directory;
    private final Store store;
    private final Buildah buildah;
    private final LinkedHashSet<String> repositories = new LinkedHashSet<>();
    /** Nobody knows what a predecessor left: hence from the start. */
    private boolean doubtful = true;

    Slot(int index, Path directory, Buildah buildah) {
        this.index = index;
        this.directory = directory;
        this.store = Store.in(directory);
        this.buildah = buildah;
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

    /** Makes the store fit for use. */
    void prepare(Path work) {
        if (!doubtful) {
            return;
        }
        if (Files.exists(store.storage()) && !isSound(work)) {
            LOG.warnf("slot %d: its store does not stand the check and is emptied", index);
            buildah.deleteTree(store.storage());
            buildah.deleteTree(store.blobCache());
        }
        doubtful = false;
    }

    private boolean isSound(Path work) {
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Buildah.Attempt attempt = new Buildah.Attempt(store, work, HOUSEKEEPING_SILENCE, new Killer());
        try (BuildahSandbox sandbox = buildah.openHousekeeping(attempt)) {
            return sandbox.repair(OutputSink.DISCARD);
        }
    }
}
