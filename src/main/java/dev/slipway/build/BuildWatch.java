package dev.slipway.build;

import dev.slipway.error.SlipwayException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgSubscriber;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Hears from the database that builds changed, on a connection of its own, and tells whoever waits. What is heard is a
 * hint: the connection may be gone, so everyone who waits also looks for himself now and then.
 */
@ApplicationScoped
public class BuildWatch {
    private static final Logger LOG = Logger.getLogger(BuildWatch.class);
    private static final Duration RECONNECT = Duration.ofSeconds(1);
    /** How long whoever waits for a build bears with a database that is away, if he waits that long at all. */
    private static final Duration OUTAGE = Duration.ofMinutes(2);

    private final Vertx vertx;
    private final BuildConfig config;
    private final PgConnectOptions options;
    private final Set<BiConsumer<String, UUID>> listeners = ConcurrentHashMap.newKeySet();
    private volatile PgSubscriber subscriber;

    BuildWatch(
            Vertx vertx,
            BuildConfig config,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") String user,
            @ConfigProperty(name = "quarkus.datasource.password") String password) {
        this.vertx = vertx;
        this.config = config;
        this.options = PgConnectOptions.fromUri(url).setUser(user).setPassword(password);
    }

    void start(@Observes StartupEvent event) {
        subscriber = PgSubscriber.subscriber(vertx, options).reconnectPolicy(retries -> RECONNECT.toMillis());
        subscriber.channel(BuildSignals.CHANNEL).handler(this::heard);
        subscriber.connect().onFailure(e -> LOG.warnf("not listening for changes of builds yet: %s", e.getMessage()));
    }

    void stop(@Observes ShutdownEvent event) {
        subscriber.close();
    }

    private void heard(String payload) {
        Matcher signal = BuildSignals.FORM.matcher(payload);
        if (signal.matches()) { // anybody who may use the database may use the channel
            UUID id = UUID.fromString(signal.group(2));
            listeners.forEach(listener -> listener.accept(signal.group(1), id));
        }
    }

    /** Calls when a build may be waiting; on an event loop, so it must not block. */
    public void onQueued(Runnable listener) {
        listeners.add((what, id) -> {
            if (what.equals(BuildSignals.QUEUED)) {
                listener.run();
            }
        });
    }

    /** Calls when somebody asked a running build to stop; on an event loop, so it must not block. */
    public void onCancel(Runnable listener) {
        listeners.add((what, id) -> {
            if (what.equals(BuildSignals.CANCEL)) {
                listener.run();
            }
        });
    }

    /**
     * Reads again at each hint and each poll until {@code ended} holds or the {@code patience} is over. A database that
     * is away for a while is waited for.
     */
    <T> Uni<T> awaitEnd(Supplier<Uni<T>> read, Predicate<T> ended, UUID id, Duration patience) {
        Hint hint = new Hint(id);
        listeners.add(hint);
        long until = System.nanoTime() + patience.toNanos();
        AtomicBoolean first = new AtomicBoolean(true);
        return Multi.createBy()
                .repeating()
                .uni(() -> first.getAndSet(false)
                        ? read.get()
                        : hint.await(nap(until)).chain(() -> insist(read, until)))
                .whilst(now -> !ended.test(now) && System.nanoTime() < until)
                .collect()
                .last()
                .onTermination()
                .invoke(() -> listeners.remove(hint));
    }

    private Duration nap(long until) {
        long left = Math.max(0, until - System.nanoTime());
        return Duration.ofNanos(Math.min(left, config.poll().toNanos()));
    }

    private <T> Uni<T> insist(Supplier<Uni<T>> read, long until) {
        long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
        Context context =
                vertx.getOrCreateContext(); // where sessions of the caller live, and where retries do not begin
        return Uni.createFrom()
                .<T>deferred(() -> read.get())
                .runSubscriptionOn(task -> context.runOnContext(x -> task.run()))
                .onFailure(e -> !(e instanceof SlipwayException) || Outage.isTold(e))
                .retry()
                .withBackOff(RECONNECT.dividedBy(4), RECONNECT)
                .expireIn(Math.clamp(left, 1, OUTAGE.toMillis()));
    }

    /** One waiter for the end of one build. What comes while it reads is not missed: the next wait is over at once. */
    private final class Hint implements BiConsumer<String, UUID> {
        private final UUID build;
        private boolean heard;
        private Runnable wake = () -> {};

        Hint(UUID build) {
            this.build = build;
        }

        @Override
        public void accept(String what, UUID which) {
            if (which.equals(build) && what.equals(BuildSignals.ENDED)) {
                Runnable waiting;
                synchronized (this) {
                    heard = true;
                    waiting = wake;
                }
                waiting.run();
            }
        }

        private Uni<Void> await(Duration nap) {
            Context context = vertx.getOrCreateContext(); // where sessions of the caller live
            return Uni.createFrom().emitter(emitter -> {
                Runnable complete = () -> context.runOnContext(x -> emitter.complete(null));
                long timer = vertx.setTimer(Math.max(1, nap.toMillis()), x -> complete.run());
                emitter.onTermination(() -> vertx.cancelTimer(timer));
                synchronized (this) {
                    wake = complete;
                    if (!heard) {
                        return;
                    }
                    heard = false;
                }
                complete.run();
            });
        }
    }
}
