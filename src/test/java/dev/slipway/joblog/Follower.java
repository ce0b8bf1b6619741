package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.subscription.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Someone who follows a build and keeps what they see. */
final class Follower {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<LogLine> lines = new ArrayList<>();
    private final Cancellable subscription;
    private volatile int count;
    private volatile boolean ended;
    private volatile Throwable failure;

    Follower(JobLog log, UUID build) {
        subscription = log.follow(build, 0)
                .subscribe()
                .with(this::see, problem -> this.failure = problem, () -> this.ended = true);
    }

    private void see(LogLine line) {
        synchronized (lines) {
            lines.add(line);
            count = lines.size();
        }
    }

    void leave() {
        subscription.cancel();
    }

    int count() {
        return count;
    }

    List<LogLine> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    void awaitEnd() {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(SOON)
                .until(() -> ended || failure != null);
        assertThat(failure).isNull();
    }
}
