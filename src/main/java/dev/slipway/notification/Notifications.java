package dev.slipway.notification;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgChannel;
import io.vertx.pgclient.pubsub.PgSubscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Hears what is said on channels of the database, on a connection of its own that comes back by itself. */
@ApplicationScoped
public class Notifications {
    private static final Logger LOG = Logger.getLogger(Notifications.class);
    private static final Duration RECONNECT = Duration.ofSeconds(1);

    private final PgSubscriber subscriber;

    Notifications(
            Vertx vertx,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") String user,
            @ConfigProperty(name = "quarkus.datasource.password") String password) {
        PgConnectOptions options = PgConnectOptions.fromUri(url.replaceFirst("^vertx-reactive:", ""))
                .setUser(user)
                .setPassword(password);
        // nothing is ever sent on it: without this, a server that vanished would never be noticed
        options.setTcpKeepAlive(true);
        subscriber = PgSubscriber.subscriber(vertx, options).reconnectPolicy(retries -> RECONNECT.toMillis());
    }

    /**
     * Hands over what is said on a channel, on an event loop, so neither may block. Anybody who may use the database may
     * say anything there.
     *
     * @param listening called whenever the channel is (again) listened to: what was said before was not heard
     */
    public void on(String channel, Consumer<String> heard, Runnable listening) {
        PgChannel listened = subscriber.channel(channel);
        listened.subscribeHandler(subscribed -> listening.run());
        listened.handler(heard::accept);
    }

    void start(@Observes StartupEvent event) {
        subscriber
                .connect()
                .onFailure(e -> LOG.warnf("not listening to the database yet, so we only poll: %s", e.getMessage()));
    }

    void stop(@Observes ShutdownEvent event) {
        subscriber.close();
    }
}
