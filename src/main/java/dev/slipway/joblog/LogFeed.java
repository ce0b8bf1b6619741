package dev.slipway.joblog;

import io.smallrye.mutiny.Uni;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/**
 * What the followers of one build in this process share: they wake together, and those that stand at the same line
 * share one read. A hundred of them cost the database what one costs.
 */
final class LogFeed {
    private final LongFunction<Uni<LogPage>> reader;
    private final Map<Long, Uni<LogPage>> running = new HashMap<>();
    private CompletableFuture<Void> change = new CompletableFuture<>();

    /** {@code reader} reads the page behind a number. */
    LogFeed(LongFunction<Uni<LogPage>> reader) {
        this.reader = reader;
    }

    /** Completes with the next {@link #wake}; take it before reading, so that no line comes unseen in between. */
    synchronized CompletableFuture<Void> change() {
        return change;
    }

    /** There may be something new. */
    void wake() {
        CompletableFuture<Void> woken;
        synchronized (this) {
            woken = change;
            change = new CompletableFuture<>();
            // A read that began before may miss what is new now.
            running.clear();
        }
        woken.complete(null);
    }

    /** The page behind {@code after}, by a read that began after the last {@link #wake}. */
    synchronized Uni<LogPage> page(long after) {
        return running.computeIfAbsent(after, a -> share(a, reader.apply(a)));
    }

    private Uni<LogPage> share(long after, Uni<LogPage> read) {
        return read.onItemOrFailure()
                .invoke((page, failure) -> {
                    if (failure != null || !page.isEmpty()) {
                        forget(after);
                    }
                })
                .memoize()
                .indefinitely();
    }

    private synchronized void forget(long after) {
        running.remove(after);
    }
}
