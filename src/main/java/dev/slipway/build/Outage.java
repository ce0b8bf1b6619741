package dev.slipway.build;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** A database that is away, told from a statement that is wrong: the one is {@code unavailable}, the other our fault. */
public final class Outage {
    private static final Logger LOG = Logger.getLogger(Outage.class);
    /** A statement takes milliseconds, and a new connection is tried for two seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final String RETRY_AFTER_SECONDS = "5";

    private Outage() {}

    /**
     * The same, but it fails with {@link ErrorCode#UNAVAILABLE} where the database is away, at the latest after some
     * seconds. What is begun is not undone then: it may yet succeed.
     */
    public static <T> Uni<T> guard(Uni<T> work) {
        return Uni.createFrom().deferred(() -> {
            Context home = Vertx.currentContext(); // where sessions live; the clock's thread is none
            Uni<T> patient = tell(work.ifNoItem()
                    .after(PATIENCE)
                    .failWith(() -> new TimeoutException("no answer within " + PATIENCE)));
            return home == null ? patient : patient.emitOn(task -> home.runOnContext(x -> task.run()));
        });
    }

    /** The same, but it fails with {@link ErrorCode#UNAVAILABLE} where the database is away; it may take its time. */
    public static <T> Uni<T> tell(Uni<T> work) {
        return work.onFailure(Outage::isUntold).transform(Outage::unavailable);
    }

    /** The same for what comes piece by piece. */
    public static <T> Multi<T> tell(Multi<T> work) {
        return work.onFailure(Outage::isUntold).transform(Outage::unavailable);
    }

    /** Whether this is what {@link #guard} makes of an outage. */
    static boolean isTold(Throwable failure) {
        return failure instanceof SlipwayException told && told.code() == ErrorCode.UNAVAILABLE;
    }

    private static boolean isUntold(Throwable failure) {
        return !(failure instanceof SlipwayException) && isOne(failure);
    }

    private static boolean isOne(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            boolean found =
                    switch (cause) {
                        case PgException refused -> QueueRepository.isTransient(refused);
                        // the pool's word for a connection that broke
                        case VertxException broken -> true;
                        // and the connection's own, where it broke before it was asked
                        case NoStackTraceThrowable closed -> true;
                        case IOException unreachable -> true;
                        case TimeoutException silent -> true;
                        default -> false;
                    };
            if (found) {
                return true;
            }
        }
        return false;
    }

    private static SlipwayException unavailable(Throwable failure) {
        LOG.warnf("the database is away: %s", failure.getMessage());
        return new SlipwayException(
                ErrorCode.UNAVAILABLE,
                "tried to reach the database but it does not answer; try again in a few seconds",
                Map.of("retryAfter", RETRY_AFTER_SECONDS),
                failure);
    }
}
