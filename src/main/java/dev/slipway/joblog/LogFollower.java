package dev.slipway.joblog;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** One who follows a log: where they stand, and what they wait for. Reads nothing before it is asked for. */
final class LogFollower {
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final LogFeed feed;
    private final Duration pollInterval;
    private final Executor home = home();
    private long after;
    // What comes after a look that found nothing; null when there may be more at once.
    private CompletableFuture<Void> change;

    LogFollower(LogFeed feed, long after, Duration pollInterval) {
        this.feed = feed;
        this.after = after;
        this.pollInterval = pollInterval;
    }

    /** Shared reads end on whatever thread began them; each follower goes on where it subscribed. */
    private static Executor home() {
        Context context = Vertx.currentContext();
        return context == null ? Runnable::run : task -> context.runOnContext(ignored -> task.run());
    }

    /** The next page; empty when it was worth a look and there was nothing. */
    Uni<LogPage> next() {
        return awaitChange()
                .chain(this::look)
                .onFailure()
                .retry()
                .withBackOff(FIRST_RETRY, pollInterval)
                .expireIn(PATIENCE.toMillis())
                .onFailure()
                .transform(cause -> new SlipwayException(
                        ErrorCode.UNAVAILABLE,
                        "tried to read the build's log but the database has not answered for " + PATIENCE.toSeconds()
                                + " seconds",
                        cause))
                .emitOn(home);
    }

    private Uni<Void> awaitChange() {
        // A copy, because a follower who leaves cancels what it waits for, and the others wait on.
        return change == null ? Uni.createFrom().voidItem() : Uni.createFrom().completionStage(change::copy);
    }

    private Uni<LogPage> look() {
        CompletableFuture<Void> next = feed.change();
        return feed.page(after).invoke(page -> {
            after = page.end(after);
            change = page.isEmpty() ? next : null;
        });
    }
}
