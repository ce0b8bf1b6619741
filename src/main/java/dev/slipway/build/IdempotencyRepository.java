package dev.slipway.build;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.Serial;
import java.util.Optional;
import java.util.UUID;

/** Which request a key belongs to. */
@ApplicationScoped
class IdempotencyRepository {
    private static final String EXPIRED = "created_at < clock_timestamp() - $1::bigint * interval '1 millisecond'";
    private static final String RELEASE = "delete from idempotency_key where key = $2 and " + EXPIRED;
    // now(), not clock_timestamp(): that is searched by no index
    private static final String FORGET = """
            delete from idempotency_key where key in (
                select key from idempotency_key where created_at < now() - $1::bigint * interval '1 millisecond'
                order by created_at limit $2 for update skip locked)
            """;
    private static final String TAKE =
            "insert into idempotency_key (key, fingerprint, build_id) values ($1, $2, $3) on conflict do nothing";
    private static final String FIND = "select build_id, fingerprint from idempotency_key where key = $1";

    private final Pool pool;

    IdempotencyRepository(Pool pool) {
        this.pool = pool;
    }

    /** The key is another build's; the transaction that wanted it is undone. */
    static final class TakenException extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;
    }

    /** The build that a key belongs to, and what was asked for. */
    record Owner(UUID build, String fingerprint) {}

    /** Takes a key for a build, in the transaction that queues it; fails with {@link TakenException}. */
    static Uni<Void> take(SqlClient transaction, IdempotencyKey key, String fingerprint, UUID build) {
        return transaction
                .preparedQuery(RELEASE)
                .execute(Tuple.of(IdempotencyKey.KEPT.toMillis(), key.value()))
                .chain(() -> transaction.preparedQuery(TAKE).execute(Tuple.of(key.value(), fingerprint, build)))
                .invoke(rows -> {
                    if (rows.rowCount() == 0) {
                        throw new TakenException();
                    }
                })
                .replaceWithVoid();
    }

    Uni<Optional<Owner>> find(IdempotencyKey key) {
        return pool.preparedQuery(FIND).execute(Tuple.of(key.value())).map(rows -> {
            for (Row row : rows) {
                return Optional.of(new Owner(row.getUUID("build_id"), row.getString("fingerprint")));
            }
            return Optional.empty();
        });
    }

    /** Deletes keys that have expired, so many at most; how many they were. */
    Uni<Integer> forget(int limit) {
        return pool.preparedQuery(FORGET)
                .execute(Tuple.of(IdempotencyKey.KEPT.toMillis(), limit))
                .map(rows -> rows.rowCount());
    }
}
