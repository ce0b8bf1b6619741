package dev.slipway.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.stream.Stream;
import org.hibernate.HibernateException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the drivers really say, as soaks have heard it. */
class OutageTest {
    static Stream<Throwable> outages() {
        return Stream.of(
                new ConnectException("Connection refused: /127.0.0.1:5432"),
                ClosedConnectionException.INSTANCE,
                new NoStackTraceThrowable("Connection is not active now, current status: CLOSED"),
                new PgException("the database system is starting up", "FATAL", "57P03", null),
                new PgException("cannot execute UPDATE in a read-only transaction", "ERROR", "25006", null),
                new PgException("terminating connection due to idle-in-transaction timeout", "FATAL", "25P03", null));
    }

    static Stream<Throwable> faults() {
        return Stream.of(
                new PgException("relation \"nowhere\" does not exist", "ERROR", "42P01", null),
                new IllegalStateException("a session of another thread"));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void a_database_that_is_away_is_told_bare_or_wrapped(Throwable failure) {
        for (Throwable thrown : new Throwable[] {failure, new HibernateException("wrapped", failure)}) {
            assertThat(told(Uni.createFrom().failure(thrown)))
                    .isInstanceOfSatisfying(
                            SlipwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void our_own_fault_stays_what_it_is(Throwable failure) {
        assertThat(told(Uni.createFrom().failure(failure))).isSameAs(failure);
    }

    private static Throwable told(Uni<?> work) {
        Throwable one = failure(Outage.tell(work));
        assertThat(failure(Outage.tell(work.toMulti()).toUni())).hasSameClassAs(one);
        return one;
    }

    private static Throwable failure(Uni<?> work) {
        return work.onItem()
                .<Throwable>transform(item -> null)
                .onFailure()
                .recoverWithItem(e -> e)
                .await()
                .atMost(Duration.ofSeconds(5));
    }
}
