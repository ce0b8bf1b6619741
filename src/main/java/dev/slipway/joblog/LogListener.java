package dev.slipway.joblog;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgChannel;
import io.vertx.pgclient.pubsub.PgSubscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Wakes the followers: by the database's notifications, and by the clock, because a notification may be lost. */
@ApplicationScoped
class LogListener {
    private static final Logger LOG = Logger.getLogger(LogListener.class);
    private static final String CHANNEL = "slipway_log";
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final LogFeeds feeds;
    private final JobLogConfig config;
    private final PgConnectOptions database;
    private PgSubscriber subscriber;
    private long poll;

    LogListener(
            Vertx vertx,
            LogFeeds feeds,
            JobLogConfig config,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") List<String> urls,
            DatabaseUser user) {
        this.vertx = vertx;
        this.feeds = feeds;
        this.config = config;
        this.database = user.on(urls.getFirst());
    }

    /** As whom we connect. */
    @ApplicationScoped
    static class DatabaseUser {
        private final Optional<String> name;
        private final Optional<String> password;

        DatabaseUser(
                @ConfigProperty(name = "quarkus.datasource.username") Optional<String> name,
                @ConfigProperty(name = "quarkus.datasource.password") Optional<String> password) {
            this.name = name;
            this.password = password;
        }

        PgConnectOptions on(String url) {
            PgConnectOptions options = PgConnectOptions.fromUri(url.replaceFirst("^vertx-reactive:", ""));
            name.ifPresent(options::setUser);
            password.ifPresent(options::setPassword);
            return options;
        }
    }

    void start(@Observes StartupEvent event) {
        poll = vertx.setPeriodic(config.pollInterval().toMillis(), timer -> feeds.wakeAll());
        subscriber = PgSubscriber.subscriber(vertx, database).reconnectPolicy(this::retryDelay);
        PgChannel channel = subscriber.channel(CHANNEL);
        channel.subscribeHandler(listening -> feeds.wakeAll());
        channel.handler(this::notified);
        subscriber
                .connect()
                .onFailure(cause -> LOG.warnf("tried to listen for log lines but %s; followers poll", cause));
    }

    private Long retryDelay(int retries) {
        return Math.min(LONGEST_RETRY.toMillis(), 100L << Math.min(retries, 10));
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
        subscriber.close();
    }
}
