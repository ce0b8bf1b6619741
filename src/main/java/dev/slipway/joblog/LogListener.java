package dev.slipway.joblog;

import dev.slipway.notification.Notifications;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Wakes the followers: by the database's notifications, and by the clock, because a notification may be lost. */
@ApplicationScoped
class LogListener {
    private static final Logger LOG = Logger.getLogger(LogListener.class);
    private static final String CHANNEL = "slipway_log";

    private final Vertx vertx;
    private final LogFeeds feeds;
    private final JobLogConfig config;
    private long poll;

    LogListener(Vertx vertx, LogFeeds feeds, JobLogConfig config) {
        this.vertx = vertx;
        this.feeds = feeds;
        this.config = config;
    }

    void start(@Observes StartupEvent event, Notifications notifications) {
        poll = vertx.setPeriodic(config.pollInterval().toMillis(), timer -> feeds.wakeAll());
        notifications.on(CHANNEL, this::notified, feeds::wakeAll);
    }

    private void notified(String build) {
        try {
            feeds.wake(UUID.fromString(build));
        } catch (IllegalArgumentException e) {
            LOG.warnf("a notification on %s names no build: %s", CHANNEL, build);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(poll);
    }
}
