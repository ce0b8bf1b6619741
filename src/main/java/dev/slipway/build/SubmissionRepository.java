package dev.slipway.build;

import dev.slipway.build.QueueRepository.Sealed;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A new build's way into the database: its row, its targets and its key, all of them or none. */
@ApplicationScoped
class SubmissionRepository {
    private static final String INSERT = """
            insert into build (id, source_kind, source_size, source_sha256, options, repository, credentials_host,
                               credentials, origin, origin_fields, source_url, source_url_private, source_url_secret,
                               source_strip_root)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """;
    /** Held by the transaction that queues a build until it is over. */
    private static final String LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

    private static final String INSERT_TARGET =
            "insert into build_target (build_id, position, image) values ($1, $2, $3)";

    private final Pool pool;

    SubmissionRepository(Pool pool) {
        this.pool = pool;
    }

    /** What a build keeps encrypted until it ends. */
    record Secrets(Optional<Sealed> credentials, Optional<byte[]> url) {}

    Uni<Void> insert(BuildRequest request, String options, String fingerprint, Secrets secrets) {
        Tuple row = Tuple.tuple().addUUID(request.id());
        addSource(row, request.source());
        row.addString(options)
                .addString(request.targets().getFirst().name())
                .addString(secrets.credentials().map(Sealed::host).orElse(null))
                .addValue(QueueRepository.bytes(secrets.credentials()))
                .addString(request.origin().name())
                .addString(request.origin().fields());
        addUrl(row, request.source(), secrets.url());
        List<Tuple> targets = new ArrayList<>();
        for (int i = 0; i < request.targets().size(); i++) {
            targets.add(Tuple.of(request.id(), i, request.targets().get(i).toString()));
        }
        return pool.withTransaction(connection -> lock(connection, request.id())
                .chain(() -> connection.preparedQuery(INSERT).execute(row))
                .chain(() -> connection.preparedQuery(INSERT_TARGET).executeBatch(targets))
                .chain(() -> takeKey(connection, request, fingerprint))
                .chain(() -> BuildSignals.send(connection, BuildSignals.QUEUED, request.id())));
    }

    private static Uni<Void> lock(SqlClient transaction, UUID id) {
        return transaction.preparedQuery(LOCK).execute(Tuple.of(id.toString())).replaceWithVoid();
    }

    /** Whether a build is there, once no transaction is under way any more that may still commit it. */
    Uni<Boolean> exists(UUID id) {
        return pool.withTransaction(connection -> lock(connection, id)
                .chain(() -> connection
                        .preparedQuery("select 1 from build where id = $1")
                        .execute(Tuple.of(id)))
                .map(rows -> rows.size() > 0));
    }

    private static void addSource(Tuple row, BuildRequest.Source source) {
        switch (source) {
            case BuildRequest.Stored stored ->
                row.addString(stored.kind()).addLong(stored.size()).addString(stored.sha256());
            case BuildRequest.Remote remote ->
                row.addString("URL").addLong(null).addString(null);
        }
    }

    private static void addUrl(Tuple row, BuildRequest.Source source, Optional<byte[]> sealed) {
        BuildRequest.Remote remote = source instanceof BuildRequest.Remote some ? some : null;
        row.addString(remote == null ? null : remote.url())
                .addBoolean(sealed.isPresent())
                .addValue(sealed.map(Buffer::buffer).orElse(null))
                .addBoolean(remote != null && remote.stripRoot());
    }

    private static Uni<Void> takeKey(SqlClient transaction, BuildRequest request, String fingerprint) {
        return request.key()
                .map(key -> IdempotencyRepository.take(transaction, key, fingerprint, request.id()))
                .orElseGet(() -> Uni.createFrom().voidItem());
    }
}
