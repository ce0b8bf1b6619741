package dev.slipway.build;

import dev.slipway.error.SlipwayException;
import dev.slipway.notification.Notifications;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;

/**
 * Hears from the database that builds changed, and tells whoever waits. What is heard is a hint, and may be missed: so
 * everyone who waits also looks for himself now and then.
 */
@ApplicationScoped
public class BuildWatch {
    private static final Duration RECONNECT = Duration.ofSeconds(1);
    /** How long whoever waits for a build bears with a database that is away, if he waits that long at all. */
    private static final Duration OUTAGE = Duration.ofMinutes(2);

    private final Vertx vertx;
    private final BuildConfig config;
    private final Set<BiConsumer<String, UUID>> listeners = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    BuildWatch(Vertx vertx, BuildConfig config) {
        this.vertx = vertx;
        this.config = config;
    }

    void start(@Observes StartupEvent event, Notifications notifications) {
        notifications.on(BuildSignals.CHANNEL, this::heard, this::mayHaveMissed);
    }

    /** Whoever waits here would wait in vain: he is told how far it is, and may ask another replica. */
    void stop(@Observes ShutdownDelayInitiatedEvent event) {
        stopping = true;
        listeners.forEach(listener -> {
            if (listener instanceof Hint hint) {
                hint.hear();
            }
        });
    }

    /** Workers look whether there is work; whoever waits for an end looks at his next poll. */
    private void mayHaveMissed() {
        UUID any = new UUID(0, 0);
        listeners.forEach(listener -> listener.accept(BuildSignals.QUEUED, any));
        listeners.forEach(listener -> listener.accept(BuildSignals.CANCEL, any));
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
     * Reads again at each hint and each poll until {@code ended} holds, the {@code patience} is over, or the service
     * stops. A database that is away for a while is waited for; if it is still away then, what was read last is told.
     */
    <T> Uni<T> awaitEnd(Supplier<Uni<T>> read, Predicate<T> ended, UUID id, Duration patience) {
        Hint hint = new Hint(id);
        listeners.add(hint);
        long until = System.nanoTime() + patience.toNanos();
        AtomicReference<T> seen = new AtomicReference<>();
        return Multi.createBy()
                .repeating()
                .uni(() -> seen.get() == null
                        ? read.get()
                        : hint.await(nap(until)).chain(() -> insist(read, seen.get(), until)))
                .whilst(now -> {
                    seen.set(now);
                    return !ended.test(now) && System.nanoTime() < until && !stopping;
                })
                .collect()
                .last()
                .onTermination()
                .invoke(() -> listeners.remove(hint));
    }

    private Duration nap(long until) {
        long left = Math.max(0, until - System.nanoTime());
        return Duration.ofNanos(Math.min(left, config.poll().toNanos()));
    }

    private <T> Uni<T> insist(Supplier<Uni<T>> read, T seen, long until) {
        long left = Math.max(1, Duration.ofNanos(until - System.nanoTime()).toMillis());
        Context context =
                vertx.getOrCreateContext(); // where sessions of the caller live, and where retries do not begin
        return Uni.createFrom()
                .<T>deferred(() -> read.get())
                .runSubscriptionOn(task -> context.runOnContext(x -> task.run()))
                .onFailure(e -> !stopping && (!(e instanceof SlipwayException) || Outage.isTold(e)))
                .retry()
                .withBackOff(RECONNECT.dividedBy(4), RECONNECT)
                .expireIn(Math.min(left, OUTAGE.toMillis()))
                // when the time is over, the failure comes wrapped
                .onFailure(e -> !(e instanceof SlipwayException) && e.getCause() != null)
                .transform(Throwable::getCause)
                .onFailure(e -> Outage.isTold(e) && (stopping || left <= OUTAGE.toMillis()))
                .recoverWithItem(seen);
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
                hear();
            }
        }

        private void hear() {
            Runnable waiting;
            synchronized (this) {
                heard = true;
                waiting = wake;
            }
            waiting.run();
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
