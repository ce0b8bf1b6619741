package dev.slipway.build;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * What is taken from finished builds, in short transactions: each takes a batch off the old end of an index, passes over
 * rows that somebody holds, and is this database's only one of its kind at a time.
 */
@ApplicationScoped
class RetentionRepository {
    /** Whoever does not get it leaves the work to who has it. */
    private static final String TRY_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('slipway retention', 0))";

    /** $1 rows, $2 bytes of log: deleting those is what takes long. The column finished_at is null until the end. */
    private static final String BATCH = """
            select id from (
                select id, sum(log_bytes) over (order by finished_at, number) - log_bytes as bytes_before from (
                    select id, number, finished_at, log_bytes from build
                    where finished_at is not null and %s
                    order by %s limit $1 for update skip locked
                ) locked
            ) measured where bytes_before < $2
            """;

    private static final String DELETE =
            "with taken as materialized (%s) delete from build using taken where build.id = taken.id returning build.id";

    /** now(): with clock_timestamp(), which may change within a statement, no index is searched by it. */
    private static final String OLD = "finished_at < now() - $3::bigint * interval '1 millisecond'";

    static final String DELETE_OLD = DELETE.formatted(BATCH.formatted(OLD, "finished_at"));

    private static final String DELETE_SURPLUS = DELETE.formatted(BATCH.formatted(
            "number < (select number from build order by number desc offset $3::bigint limit 1)", "number"));

    /** The last rows stay: they say how it ended, and keep the numbers of lines rising if the build is retried. */
    private static final String TRIM = """
            with taken as materialized (%s), gone as (
                delete from build_log l using taken
                where l.build_id = taken.id
                    and l.last_n < (select max(last_n) from build_log m where m.build_id = taken.id)
            )
            update build set log_bytes = 0 from taken where build.id = taken.id returning build.id
            """;

    static final String TRIM_OLD = TRIM.formatted(BATCH.formatted("log_bytes > 0 and " + OLD, "finished_at"));

    private static final String TRIM_SURPLUS = TRIM.formatted(BATCH.formatted("log_bytes > 0", "finished_at"));

    private static final String LOG_BYTES = "select coalesce(sum(log_bytes), 0)::bigint from build"
            + " where finished_at is not null and log_bytes > 0";

    private final Pool pool;

    RetentionRepository(Pool pool) {
        this.pool = pool;
    }

    /** Which database this is. */
    Uni<UUID> identity() {
        return pool.query("select id from database_identity")
                .execute()
                .map(rows -> rows.iterator().next().getUUID(0));
    }

    /** Those of some builds that there are. */
    Uni<List<UUID>> existing(Collection<UUID> builds) {
        return pool.preparedQuery("select id from build where id = any($1)")
                .execute(Tuple.of(builds.toArray(UUID[]::new)))
                .map(rows -> QueueRepository.rows(rows).stream()
                        .map(row -> row.getUUID(0))
                        .toList());
    }

    Uni<Boolean> isAnyWaiting() {
        return pool.query("select exists (select 1 from build where " + QueueRepository.WAITING + ")")
                .execute()
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    /** Those of some builds that have ended. */
    Uni<List<FinishedBuild>> finished(Collection<UUID> builds) {
        return pool.preparedQuery("""
                        select id, extract(epoch from clock_timestamp() - finished_at)::double precision as age
                        from build where id = any($1) and finished_at is not null
                        """)
                .execute(Tuple.of(builds.toArray(UUID[]::new)))
                .map(rows -> QueueRepository.rows(rows).stream()
                        .map(row -> new FinishedBuild(
                                row.getUUID("id"), Duration.ofMillis((long) (row.getDouble("age") * 1000))))
                        .toList());
    }

    /** Notes that a finished build has no source any more; false where it is not finished, or not there. */
    Uni<Boolean> takeSource(UUID build) {
        return pool.preparedQuery("update build set source_gone = true where id = $1 and finished_at is not null")
                .execute(Tuple.of(build))
                .map(rows -> rows.rowCount() == 1);
    }

    Uni<List<UUID>> deleteOlderThan(Duration age, int rows, long bytes) {
        return batch(connection -> ids(connection, DELETE_OLD, Tuple.of(rows, bytes, age.toMillis())));
    }

    Uni<List<UUID>> deleteAllBut(long newest, int rows, long bytes) {
        return batch(connection -> ids(connection, DELETE_SURPLUS, Tuple.of(rows, bytes, newest - 1)));
    }

    Uni<List<UUID>> trimLogsOlderThan(Duration age, int rows, long bytes) {
        return batch(connection -> ids(connection, TRIM_OLD, Tuple.of(rows, bytes, age.toMillis())));
    }

    Uni<List<UUID>> trimLogsDownTo(long most, int rows, long bytes) {
        return batch(connection -> connection.query(LOG_BYTES).execute().chain(total -> {
            long excess = total.iterator().next().getLong(0) - most;
            return excess <= 0
                    ? Uni.createFrom().item(List.of())
                    : ids(connection, TRIM_SURPLUS, Tuple.of(rows, Math.min(bytes, excess)));
        }));
    }

    private Uni<List<UUID>> batch(Function<SqlConnection, Uni<List<UUID>>> work) {
        return pool.withTransaction(connection -> connection
                .query(TRY_LOCK)
                .execute()
                .chain(locked -> locked.iterator().next().getBoolean(0)
                        ? work.apply(connection)
                        : Uni.createFrom().item(List.of())));
    }

    private static Uni<List<UUID>> ids(SqlConnection connection, String sql, Tuple parameters) {
        return connection.preparedQuery(sql).execute(parameters).map(rows -> QueueRepository.rows(rows).stream()
                .map(row -> row.getUUID(0))
                .toList());
    }
}
