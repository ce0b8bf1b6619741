package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The room left on a disk, looked at while something is written there. */
final class FreeSpace implements EntryContent.Written {
    private static final long STEP = 64L << 20;

    private final FileStore store;
    private final long least;
    private long unseen;

    /** Looks at once. */
    FreeSpace(Path directory, SourceLimits limits) throws IOException {
        store = Files.getFileStore(directory);
        least = limits.minFreeDisk().asLongValue();
        check();
    }

    /** Looks again now and then. */
    @Override
    public synchronized void bytes(long count) throws IOException {
        unseen += count;
        if (unseen >= STEP) {
            check();
        }
    }

    private void check() throws IOException {
        unseen = 0;
        if (store.getUsableSpace() < least) {
            throw full(null);
        }
    }

    /** The same failure, or the true reason where the disk is full. */
    RuntimeException explain(IOException failure, RuntimeException otherwise) {
        return isFull(failure) ? full(failure) : otherwise;
    }

    /** Whether a failed write means that the disk is full; messages depend on the locale, so the disk is asked as well. */
    boolean isFull(IOException failure) {
        String text = String.valueOf(failure.getMessage());
        if (text.contains("No space left") || text.contains("quota exceeded")) {
            return true;
        }
        try {
            return store.getUsableSpace() < 1 << 20;
        } catch (IOException e) {
            return false;
        }
    }

    /** The disk is full. */
    static SlipwayException full(IOException cause) {
        return new SlipwayException(
                ErrorCode.STORAGE_FULL, "tried to store the source but the disk has no room left", cause);
    }
}
