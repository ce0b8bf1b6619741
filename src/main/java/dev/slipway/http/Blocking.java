package dev.slipway.http;

import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;

/** The way from a resource, which never blocks, to work that does, and back. */
@Singleton
public class Blocking {
    private final ExecutorService threads;

    @Inject
    Blocking(@VirtualThreads ExecutorService threads) {
        this.threads = threads;
    }

    /**
     * Runs {@code work} on a virtual thread, once for each subscription. The outcome is emitted on the Vert.x context of
     * the subscriber, so that what follows (a database session, for example) lives there. Whoever cancels stops waiting,
     * the work goes on.
     */
    public <T> Uni<T> call(Callable<T> work) {
        return Uni.createFrom().emitter(emitter -> {
            Context home = Vertx.currentContext();
            threads.execute(() -> run(work, emitter, home));
        });
    }

    private static <T> void run(Callable<T> work, UniEmitter<? super T> emitter, Context home) {
        try {
            T result = work.call();
            emit(home, () -> emitter.complete(result));
        } catch (Throwable e) { // an Error too must reach the subscriber, else the request would wait for ever
            emit(home, () -> emitter.fail(e));
        }
    }

    private static void emit(Context home, Runnable emission) {
        if (home == null) {
            emission.run();
        } else {
            home.runOnContext(v -> emission.run());
        }
    }
}
