package dev.slipway.source;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Brings a file to the disk while it is still being written, in a thread beside the writer: at the end only the last of
 * it has to be waited for.
 */
final class WriteBack {
    private static final long STEP = 32L << 20;

    private final FileChannel file;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private long unseen;

    WriteBack(FileChannel file) {
        this.file = file;
    }

    /** Counts what was written; now and then begins to bring it to the disk. */
    void written(int count) {
        unseen += count;
        if (unseen >= STEP && running.isDone() && !running.isCompletedExceptionally()) {
            unseen = 0;
            running = CompletableFuture.runAsync(
                    this::force, command -> Thread.ofVirtual().start(command));
        }
    }

    private void force() {
        try {
            file.force(false);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    /** Makes the file survive a power cut. What failed on the way fails here: the system tells it only once. */
    void finish() throws IOException {
        try {
            running.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        }
        file.force(true);
    }
}
