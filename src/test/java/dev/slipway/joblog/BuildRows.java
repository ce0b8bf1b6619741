package dev.slipway.joblog;

import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.sqlclient.ClosedConnectionException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;

/** Rows of {@code build} as these tests need them, and looks behind the scenes of the database. */
@ApplicationScoped
public class BuildRows {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Pool pool;

    BuildRows(Pool pool) {
        this.pool = pool;
    }

    /** A build that waits. */
    public UUID queued() {
        UUID build = UUID.randomUUID();
        run(
                "insert into build (id, source_kind, source_size, source_sha256, options, repository)"
                        + " values ($1, 'DOCKERFILE', 1, repeat('0', 64), '{}', 'demo')",
                build);
        run(
                "insert into build_target (build_id, position, image, build_number)"
                        + " select id, 0, 'registry.invalid/demo:1', number from build where id = $1",
                build);
        return build;
    }

    /** A build in its first attempt. */
    public UUID running() {
        UUID build = queued();
        claim(build);
        return build;
    }

    /** The next attempt of a running build. */
    public void handBackAndClaim(UUID build) {
        run("update build set status = 'QUEUED', lease_owner = null, lease_until = null where id = $1", build);
        claim(build);
    }

    /** Ends a running build well. */
    public void end(UUID build) {
        run(
                "update build set status = 'SUCCEEDED', lease_owner = null, lease_until = null, image_id = 'x',"
                        + " finished_at = clock_timestamp() where id = $1",
                build);
    }

    /** Ends a running build badly. */
    public void fail(UUID build) {
        run(
                "update build set status = 'FAILED', lease_owner = null, lease_until = null,"
                        + " error_code = 'build-failed', error_detail = 'test', finished_at = clock_timestamp()"
                        + " where id = $1",
                build);
    }

    /** Queues a failed build again. */
    public void retry(UUID build) {
        run(
                "update build set status = 'QUEUED', error_code = null, error_detail = null, finished_at = null"
                        + " where id = $1",
                build);
    }

    /** The first attempt of a queued build, or the next one of a build that was retried. */
    public void claim(UUID build) {
        run(
                "update build set status = 'RUNNING', attempt = attempt + 1, lease_owner = 'test',"
                        + " lease_until = clock_timestamp() + interval '1 minute' where id = $1",
                build);
    }

    /** Deletes a build. */
    public void delete(UUID build) {
        run("delete from build where id = $1", build);
    }

    /** Does something while someone else holds the build's row. */
    void whileLocked(UUID build, Runnable action) {
        SqlConnection connection = pool.getConnection().await().atMost(SOON);
        try {
            connection.query("begin").executeAndAwait();
            connection
                    .preparedQuery("select 1 from build where id = $1 for update")
                    .executeAndAwait(Tuple.of(build));
            action.run();
        } finally {
            connection.query("rollback").executeAndAwait();
            connection.closeAndAwait();
        }
    }

    private void run(String sql, UUID build) {
        // A test may have cut the pool's connections a moment ago.
        pool.preparedQuery(sql)
                .execute(Tuple.of(build))
                .onFailure(ClosedConnectionException.class)
                .retry()
                .withBackOff(Duration.ofMillis(20))
                .atMost(25)
                .await()
                .atMost(SOON);
    }

    /** Cuts every connection but the one that asks. */
    void dropConnections() {
        number("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                + " where pid <> pg_backend_pid() and backend_type = 'client backend'");
    }

    long listeners() {
        return number("select count(*) from pg_stat_activity where query like 'LISTEN%slipway_log%'");
    }

    /** How often the log was read by its key. */
    long pagesRead() {
        number("select 1 from pg_stat_clear_snapshot()");
        return number("select idx_scan from pg_stat_user_tables where relname = 'build_log'");
    }

    long bytesStored(UUID build) {
        return number("select coalesce(sum(bytes), 0)::bigint from build_log where build_id = '" + build + "'");
    }

    private long number(String sql) {
        return pool.query(sql)
                .execute()
                .onFailure(ClosedConnectionException.class)
                .retry()
                .withBackOff(Duration.ofMillis(20))
                .atMost(25)
                .await()
                .atMost(SOON)
                .iterator()
                .next()
                .getLong(0);
    }
}
