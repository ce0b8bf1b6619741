package dev.slipway.build;

import dev.slipway.image.ImageReference;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.StreamSupport;

/** Everything that changes a build once it is queued: exact SQL, guarded by what the row must still be. */
@ApplicationScoped
class QueueRepository {
    /** What makes the index of the queue fit, and that of the running builds: see V7. */
    static final String WAITING = "finished_at is null and lease_owner is null";

    static final String LEASED = "finished_at is null and lease_owner is not null";

    private static final String CLAIMED_COLUMNS = """
            id, number, attempt, queued_at, options, repository, image_id, staged, credentials_host, credentials,
            case when source_sha256 is null then source_url end as source_url, source_url_secret,
            source_strip_root
            """;

    static final Transition CLAIM = Transition.to(BuildStatus.RUNNING)
            .from(BuildStatus.QUEUED)
            .set("""
                    attempt = attempt + 1, started_at = clock_timestamp(), finished_at = null, step = null,
                    lease_owner = $1, lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond',
                    image_id = case when staged then image_id end
                    """)
            .where("id = (select id from build where " + WAITING + """
                     and queued_at >= $3 order by queued_at, number for update skip locked limit 1)
                    """);

    /** $1 id, $2 attempt, $3 owner: the claim, in every statement of a worker. */
    private static final String HELD = "id = $1 and attempt = $2 and lease_owner = $3";

    static final String RENEW = """
            update build set lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
            where lease_owner = $1 and id = any($3) and status = 'RUNNING'
            returning id, attempt, cancel_requested
            """;

    static final String BEGIN_STEP = "with held as (update build set step = $4 where " + HELD
            + " and status = 'RUNNING' returning id), begun as (" + """
            insert into build_step (build_id, attempt, position, step) select id, $2, $5, $4 from held
            on conflict do nothing) select id from held
            """;

    private static final String END = """
            finished_at = clock_timestamp(), lease_owner = null, lease_until = null, credentials = null,
            source_url_secret = null, cancel_requested = false
            """;
    /** What an attempt made is in its slot alone, unless it was staged. */
    private static final String UNCLAIMED =
            "lease_owner = null, lease_until = null, started_at = null, image_id = case when staged then image_id end";

    static final Transition SUCCEED = Transition.to(BuildStatus.SUCCEEDED)
            .from(BuildStatus.RUNNING)
            .set(END + ", image_id = $4, staged = false")
            .where(HELD);
    private static final Transition FAIL = Transition.to(BuildStatus.FAILED)
            .from(BuildStatus.RUNNING)
            .set(END + """
                            , error_code = $4, error_detail = $5, error_step = $6, error_exit_code = $7,
                            image_id = coalesce($8, image_id), staged = staged or $8 is not null
                            """)
            .where(HELD);
    private static final Transition CANCEL_RUNNING = Transition.to(BuildStatus.CANCELLED)
            .from(BuildStatus.RUNNING)
            .set(END + ", error_code = 'cancelled', error_detail = $4")
            .where(HELD + " and cancel_requested");
    private static final Transition HAND_BACK = Transition.to(BuildStatus.QUEUED)
            .from(BuildStatus.RUNNING)
            .set(UNCLAIMED + ", crashes = crashes + $4")
            .where(HELD + " and crashes + $4 < $5 and not cancel_requested");

    private static final Transition CANCEL_QUEUED = Transition.to(BuildStatus.CANCELLED)
            .from(BuildStatus.QUEUED)
            .set(END + ", error_code = 'cancelled', error_detail = $2")
            .where("id = $1");
    private static final String MARK_CANCEL =
            "update build set cancel_requested = true where id = $1 and status = 'RUNNING' returning id";
    private static final Transition RETRY = Transition.to(BuildStatus.QUEUED)
            .from(BuildStatus.FAILED, BuildStatus.CANCELLED)
            .set("""
                    queued_at = clock_timestamp(), started_at = null, finished_at = null, step = null, crashes = 0,
                    cancel_requested = false, error_code = null, error_detail = null, error_step = null,
                    error_exit_code = null, credentials_host = $2, credentials = $3,
                    image_id = case when staged then image_id end
                    """)
            .where("id = $1 and not source_gone");

    private static final String LOST =
            LEASED + " and (lease_owner = any($1) or $2 and lease_until < clock_timestamp())";
    private static final Transition RESCUE_CANCELLED = Transition.to(BuildStatus.CANCELLED)
            .from(BuildStatus.RUNNING)
            .set(END + ", error_code = 'cancelled', error_detail = 'the build was cancelled, and its worker died'")
            .where(LOST + " and cancel_requested");
    private static final Transition RESCUE_CRASHED = Transition.to(BuildStatus.FAILED)
            .from(BuildStatus.RUNNING)
            .set(END + """
                            , crashes = crashes + 1, error_code = 'worker-crashed', error_step = step,
                            error_detail = format('tried to run the build %s times but its worker died each time',
                                                  crashes + 1)
                            """)
            .where(LOST + " and not cancel_requested and crashes + 1 >= $3");
    private static final Transition RESCUE = Transition.to(BuildStatus.QUEUED)
            .from(BuildStatus.RUNNING)
            .set(UNCLAIMED + ", crashes = crashes + 1")
            .where(LOST + " and not cancel_requested and crashes + 1 < $3");

    /** Classes of SQLSTATE: connection, transaction rollback, insufficient resources, operator intervention. */
    private static final Set<String> TRANSIENT_CLASSES = Set.of("08", "40", "53", "57");
    /** A standby that is still to be promoted, or a server that somebody has closed for a while. */
    private static final String READ_ONLY = "25006";
    /** We were away in the middle of a transaction, for longer than application.properties lets us. */
    private static final String IDLE = "25P03";
    /** Its worker can say nothing of it any more: not when it died, and not when it comes back too late. */
    private static final String END_STEPS = """
            update build_step set status = 'failed', finished_at = clock_timestamp()
            where build_id = $1 and attempt = $2 and status = 'running'
            """;

    private final Pool pool;

    QueueRepository(Pool pool) {
        this.pool = pool;
    }

    /** Whether the same statement may succeed a little later: the server is away, starting, stopping, out of room … */
    static boolean isTransient(Throwable failure) {
        return !(failure instanceof PgException refused)
                || refused.getSqlState() == null
                || refused.getSqlState().equals(READ_ONLY)
                || refused.getSqlState().equals(IDLE)
                || TRANSIENT_CLASSES.contains(refused.getSqlState().substring(0, 2));
    }

    /** A build's row as a change left it. */
    record Changed(UUID id, int attempt) {
        static Changed of(Row row) {
            return new Changed(row.getUUID("id"), row.getInteger("attempt"));
        }
    }

    /** Credentials as they rest in the row. */
    record Sealed(String host, byte[] bytes) {}

    /** The claimed row and the targets that are still to be pushed; empty where nothing waits that was queued since. */
    Uni<Optional<Claimed>> claim(String owner, Duration lease, OffsetDateTime since) {
        return pool.withTransaction(
                connection -> CLAIM.execute(connection, Tuple.of(owner, lease.toMillis(), since), CLAIMED_COLUMNS)
                        .chain(rows -> {
                            if (rows.isEmpty()) {
                                return Uni.createFrom().item(Optional.<Claimed>empty());
                            }
                            Row build = rows.getFirst();
                            return connection
                                    .preparedQuery("""
                                    update build_target set status = 'pending', digest = null, error = null
                                    where build_id = $1 and (not $2 or status <> 'pushed')
                                    """)
                                    .execute(Tuple.of(build.getUUID("id"), build.getBoolean("staged")))
                                    .chain(() -> connection.preparedQuery("""
                                            select position, image from build_target
                                            where build_id = $1 and status = 'pending' order by position
                                            """).execute(Tuple.of(build.getUUID("id"))))
                                    .map(targets -> Optional.of(Claimed.of(
                                            build,
                                            rows(targets).stream()
                                                    .map(QueueRepository::target)
                                                    .toList())));
                        }));
    }

    /** What {@link #claim} found. */
    record Claimed(
            UUID id,
            long number,
            int attempt,
            OffsetDateTime queuedAt,
            String options,
            String repository,
            Optional<String> staged,
            Optional<Sealed> credentials,
            Optional<String> sourceUrl,
            Optional<byte[]> sealedUrl,
            boolean stripRoot,
            List<ClaimedBuild.Target> targets) {
        static Claimed of(Row row, List<ClaimedBuild.Target> targets) {
            var sealed = row.getBuffer("credentials");
            return new Claimed(
                    row.getUUID("id"),
                    row.getLong("number"),
                    row.getInteger("attempt"),
                    row.getOffsetDateTime("queued_at"),
                    row.getString("options"),
                    row.getString("repository"),
                    Optional.ofNullable(row.getBoolean("staged") ? row.getString("image_id") : null),
                    Optional.ofNullable(sealed)
                            .map(bytes -> new Sealed(row.getString("credentials_host"), bytes.getBytes())),
                    Optional.ofNullable(row.getString("source_url")),
                    Optional.ofNullable(row.getBuffer("source_url_secret")).map(bytes -> bytes.getBytes()),
                    row.getBoolean("source_strip_root"),
                    targets);
        }
    }

    private static ClaimedBuild.Target target(Row row) {
        return new ClaimedBuild.Target(row.getInteger("position"), ImageReference.qualified(row.getString("image")));
    }

    /** Renews an owner's leases on builds; those that are not in the answer are lost. */
    Uni<List<Held>> renew(String owner, List<UUID> builds, Duration lease) {
        return pool.preparedQuery(RENEW)
                .execute(Tuple.of(owner, lease.toMillis(), builds.toArray(UUID[]::new)))
                .map(rows -> rows(rows).stream()
                        .map(row -> new Held(
                                row.getUUID("id"), row.getInteger("attempt"), row.getBoolean("cancel_requested")))
                        .toList());
    }

    /** A build whose lease was renewed. */
    record Held(UUID id, int attempt, boolean cancelRequested) {}

    /** Notes that a step began; false where the claim is lost. */
    Uni<Boolean> beginStep(BuildClaim claim, int position, Step step) {
        return pool.preparedQuery(BEGIN_STEP)
                .execute(held(claim).addString(step.name()).addInteger(position))
                .map(rows -> rows.size() > 0);
    }

    Uni<Void> endStep(BuildClaim claim, int position, boolean succeeded) {
        return pool.preparedQuery("""
                        update build_step set status = $4, finished_at = clock_timestamp()
                        where build_id = $1 and attempt = $2 and position = $3 and status = 'running'
                        """)
                .execute(Tuple.of(claim.id(), claim.attempt(), position, succeeded ? "succeeded" : "failed"))
                .replaceWithVoid();
    }

    /** Notes what BUILD made; false where the claim is lost. */
    Uni<Boolean> built(BuildClaim claim, String imageId) {
        return pool.preparedQuery("update build set image_id = $4 where " + HELD + " and status = 'RUNNING'")
                .execute(held(claim).addString(imageId))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Notes what was fetched; false where the claim is lost. */
    Uni<Boolean> fetched(BuildClaim claim, long size, String sha256) {
        return pool.preparedQuery(
                        "update build set source_size = $4, source_sha256 = $5, source_url_secret = null where " + HELD
                                + " and status = 'RUNNING' and source_kind = 'URL'")
                .execute(held(claim).addLong(size).addString(sha256))
                .map(rows -> rows.rowCount() == 1);
    }

    /** Notes what became of a target; false where the claim is lost. */
    Uni<Boolean> endTarget(BuildClaim claim, int position, TargetStatus status, String digest, String error) {
        return pool.preparedQuery("""
                        update build_target set status = $5, digest = $6, error = $7
                        where build_id = $1 and position = $4 and exists (
                            select 1 from build where id = $1 and attempt = $2 and lease_owner = $3
                            and status = 'RUNNING' for share)
                        """)
                .execute(held(claim)
                        .addInteger(position)
                        .addString(status.text())
                        .addString(digest)
                        .addString(error))
                .map(rows -> rows.rowCount() == 1);
    }

    Uni<List<Changed>> succeed(BuildClaim claim, String imageId) {
        return end(SUCCEED, held(claim).addString(imageId));
    }

    Uni<List<Changed>> fail(BuildClaim claim, BuildOutcome.Failed failed) {
        return end(
                FAIL,
                held(claim)
                        .addString(failed.code().slug())
                        .addString(failed.detail())
                        .addString(failed.step().map(Step::name).orElse(null))
                        .addInteger(failed.exitCode().orElse(null))
                        .addString(failed.staged().orElse(null)));
    }

    Uni<List<Changed>> cancelRunning(BuildClaim claim, String detail) {
        return end(CANCEL_RUNNING, held(claim).addString(detail));
    }

    Uni<List<Changed>> handBack(BuildClaim claim, boolean crashed, int maxCrashes) {
        return end(HAND_BACK, held(claim).addInteger(crashed ? 1 : 0).addInteger(maxCrashes));
    }

    Uni<List<Changed>> cancelQueued(UUID id, String detail) {
        return end(CANCEL_QUEUED, Tuple.of(id, detail));
    }

    /** Asks the worker of a running build to stop; false where it does not run. */
    Uni<Boolean> markCancel(UUID id) {
        return pool.withTransaction(connection -> connection
                .preparedQuery(MARK_CANCEL)
                .execute(Tuple.of(id))
                .chain(rows -> rows.size() == 0
                        ? Uni.createFrom().item(false)
                        : BuildSignals.send(connection, BuildSignals.CANCEL, id).replaceWith(true)));
    }

    Uni<List<Changed>> retry(UUID id, Optional<Sealed> credentials) {
        return end(RETRY, Tuple.of(id, credentials.map(Sealed::host).orElse(null), bytes(credentials)));
    }

    /** Takes the builds away from owners who are known to be {@code dead} and, if told to, from expired leases. */
    Uni<List<Changed>> rescue(List<String> dead, boolean expired, int maxCrashes) {
        String[] owners = dead.toArray(String[]::new);
        // for update: it has to fail where nobody could have renewed a lease, as on a server that can only be read
        return pool.preparedQuery("select 1 from build where " + LOST + " limit 1 for update skip locked")
                .execute(Tuple.of(owners, expired))
                .chain(lost ->
                        lost.size() == 0 ? Uni.createFrom().item(List.of()) : rescue(owners, expired, maxCrashes));
    }

    private Uni<List<Changed>> rescue(String[] owners, boolean expired, int maxCrashes) {
        List<Changed> all = new ArrayList<>();
        return end(RESCUE_CANCELLED, Tuple.of(owners, expired))
                .invoke(all::addAll)
                .chain(() -> end(RESCUE_CRASHED, Tuple.of(owners, expired, maxCrashes)))
                .invoke(all::addAll)
                .chain(() -> end(RESCUE, Tuple.of(owners, expired, maxCrashes)))
                .invoke(all::addAll)
                .replaceWith(all);
    }

    /** Deletes a build that does not run, and all that hangs on its row; false where it runs or is not there. */
    Uni<Boolean> delete(UUID id) {
        return pool.preparedQuery("delete from build where id = $1 and status <> 'RUNNING'")
                .execute(Tuple.of(id))
                .map(rows -> rows.rowCount() == 1);
    }

    /**
     * What a build has lost by its end.
     *
     * @param credentialsHost the registry host that its request brought credentials for
     * @param url whether its URL had a secret that is needed still
     * @param source whether retention took its source
     */
    record Erased(Optional<String> credentialsHost, boolean url, boolean source) {}

    Uni<Erased> erased(UUID id) {
        return pool.preparedQuery("""
                        select credentials_host,
                               source_url_private and source_url_secret is null and source_sha256 is null,
                               source_gone
                        from build where id = $1
                        """).execute(Tuple.of(id)).map(rows -> rows(rows).stream()
                .findFirst()
                .map(row -> new Erased(Optional.ofNullable(row.getString(0)), row.getBoolean(1), row.getBoolean(2)))
                .orElse(new Erased(Optional.empty(), false, false)));
    }

    Uni<List<String>> owners() {
        return pool.query("select distinct lease_owner from build where " + LEASED)
                .execute()
                .map(rows -> rows(rows).stream().map(row -> row.getString(0)).toList());
    }

    private Uni<List<Changed>> end(Transition transition, Tuple parameters) {
        return pool.withTransaction(connection -> transition
                .execute(connection, parameters, "id, attempt")
                .chain(rows -> {
                    List<Changed> changed = rows.stream().map(Changed::of).toList();
                    String signal = transition.to() == BuildStatus.QUEUED ? BuildSignals.QUEUED : BuildSignals.ENDED;
                    Uni<Void> sent = Uni.createFrom().voidItem();
                    for (Changed build : changed) {
                        sent = sent.chain(() -> connection
                                        .preparedQuery(END_STEPS)
                                        .execute(Tuple.of(build.id(), build.attempt())))
                                .chain(() -> BuildSignals.send(connection, signal, build.id()));
                    }
                    return sent.replaceWith(changed);
                }));
    }

    static Buffer bytes(Optional<Sealed> credentials) {
        return credentials.map(c -> Buffer.buffer(c.bytes())).orElse(null);
    }

    private static Tuple held(BuildClaim claim) {
        return Tuple.tuple().addUUID(claim.id()).addInteger(claim.attempt()).addString(claim.owner());
    }

    static List<Row> rows(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).toList();
    }
}
