package dev.slipway.build;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** Whose turn it is to push a tag, and which build's the tag is. */
@ApplicationScoped
class PushTurnRepository {
    /**
     * Taken where nobody has it, or where its holder is a build that no longer runs that attempt. The row is locked by
     * the upsert, so of two that ask at once one sees the other. Who has lost the claim gets nothing, and hears of it by
     * other ways.
     */
    private static final String TAKE = """
            insert into push_turn as turn (image, holder, holder_attempt)
                select $1, id, attempt from build
                where id = $2 and attempt = $3 and lease_owner = $4 and status = 'RUNNING'
            on conflict (image) do update set holder = $2, holder_attempt = $3
            where turn.holder is null or turn.holder = $2 or not exists (
                select 1 from build where id = turn.holder and attempt = turn.holder_attempt and status = 'RUNNING')
            returning (turn.last_queued_at, turn.last_number) > (
                select queued_at, number from build where id = $2) as superseded
            """;

    private static final String END = """
            update push_turn set holder = null, holder_attempt = null,
                last_queued_at = case when $4 then (select queued_at from build where id = $2) else last_queued_at end,
                last_number = case when $4 then (select number from build where id = $2) else last_number end
            where image = $1 and holder = $2 and holder_attempt = $3
            """;

    /**
     * Who pushed a tag last matters to builds that were queued before that one and are not over: where there are none,
     * none will come, for a retry queues anew. The hour is for transactions that are slow to queue.
     */
    private static final String FORGET = """
            delete from push_turn where image in (
                select image from push_turn as turn
                where not exists (
                        select 1 from build
                        where id = turn.holder and attempt = turn.holder_attempt and status = 'RUNNING')
                    and (last_queued_at is null or last_queued_at < least(
                        clock_timestamp() - interval '1 hour',
                        (select min(queued_at) from build where %s),
                        (select min(queued_at) from build where %s)))
                limit $1 for update skip locked)
            """.formatted(QueueRepository.WAITING, QueueRepository.LEASED);

    private final Pool pool;

    PushTurnRepository(Pool pool) {
        this.pool = pool;
    }

    Uni<BuildQueue.Turn> take(BuildClaim claim, String image) {
        return pool.preparedQuery(TAKE)
                .execute(Tuple.of(image, claim.id(), claim.attempt(), claim.owner()))
                .chain(rows -> {
                    if (rows.size() == 0) {
                        return Uni.createFrom().item(BuildQueue.Turn.BUSY);
                    }
                    Row row = rows.iterator().next();
                    if (!Boolean.TRUE.equals(row.getBoolean("superseded"))) {
                        return Uni.createFrom().item(BuildQueue.Turn.OURS);
                    }
                    return end(claim, image, false).replaceWith(BuildQueue.Turn.SUPERSEDED);
                });
    }

    Uni<Void> end(BuildClaim claim, String image, boolean pushed) {
        return pool.preparedQuery(END)
                .execute(Tuple.of(image, claim.id(), claim.attempt(), pushed))
                .replaceWithVoid();
    }

    /** Deletes turns that can matter to no build any more, so many at most; how many they were. */
    Uni<Integer> forget(int limit) {
        return pool.preparedQuery(FORGET).execute(Tuple.of(limit)).map(rows -> rows.rowCount());
    }
}
