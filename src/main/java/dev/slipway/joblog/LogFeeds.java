package dev.slipway.joblog;

import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The builds that are followed in this process, each with one feed for all its followers. */
@ApplicationScoped
class LogFeeds {
    private record Shared(LogFeed feed, int followers) {}

    private final Map<UUID, Shared> feeds = new ConcurrentHashMap<>();
    private final PageCache cache = new PageCache();
    private final LogRepository repository;
    private final JobLogConfig config;

    LogFeeds(LogRepository repository, JobLogConfig config) {
        this.repository = repository;
        this.config = config;
    }

    /** The build's feed, until the caller says {@link #leave}. */
    LogFeed join(UUID build) {
        return feeds.compute(
                        build,
                        (id, shared) -> shared == null
                                ? new Shared(new LogFeed(after -> page(id, after)), 1)
                                : new Shared(shared.feed(), shared.followers() + 1))
                .feed();
    }

    void leave(UUID build) {
        feeds.computeIfPresent(
                build,
                (id, shared) -> shared.followers() == 1 ? null : new Shared(shared.feed(), shared.followers() - 1));
    }

    private Uni<LogPage> page(UUID build, long after) {
        return Uni.createFrom().deferred(() -> {
            LogPage kept = cache.find(build, after);
            return kept == null ? read(build, after) : Uni.createFrom().item(kept);
        });
    }

    private Uni<LogPage> read(UUID build, long after) {
        return repository
                .page(build, after)
                .map(stored -> LogPage.of(stored, after, LogLimits.of(config)))
                .invoke(page -> {
                    if (!page.isEmpty()) {
                        cache.keep(build, after, page);
                    }
                });
    }

    void wake(UUID build) {
        Shared shared = feeds.get(build);
        if (shared != null) {
            shared.feed().wake();
        }
    }

    void wakeAll() {
        feeds.values().forEach(shared -> shared.feed().wake());
    }

    /** How many builds are followed. */
    int followed() {
        return feeds.size();
    }
}
