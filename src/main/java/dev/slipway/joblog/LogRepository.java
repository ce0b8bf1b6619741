package dev.slipway.joblog;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** All SQL on build logs. Plain and without sessions: writers are threads of their own, readers only page. */
@ApplicationScoped
class LogRepository {
    private static final String OPEN = """
            select clock_timestamp() as now, coalesce((select max(last_n) from build_log where build_id = $1), 0) as top_n
            """;

    private static final String APPEND = "select build_log_append($1, $2, $3, $4, $5, $6, $7, $8, $9)";

    /**
     * The status and the rows are read in one statement, so from one snapshot: where the build has ended and there is
     * no row, none will come.
     */
    private static final String PAGE = """
            select b.status, l.first_n, l.last_n, l.attempt, l.lines
            from build b left join lateral (
                select * from (
                    select first_n, last_n, attempt, lines,
                        sum(bytes + 64 * (last_n - first_n + 1))
                            over (order by last_n rows between unbounded preceding and 1 preceding) as weight_before
                    from build_log where build_id = b.id and last_n > $2
                    order by last_n limit 64
                ) p where weight_before is null or weight_before < $3
            ) l on true
            where b.id = $1
            order by l.last_n
            """;

    private static final List<String> ENDED = List.of("SUCCEEDED", "FAILED", "CANCELLED");
    /** The memory a page may take, roughly; one row may go beyond. */
    private static final long PAGE_WEIGHT = 512 * 1024;

    private final Pool pool;

    LogRepository(Pool pool) {
        this.pool = pool;
    }

    /** The database's time, and the highest number of a build's log. */
    record Opened(Instant now, long topN) {}

    /** Stored rows to delete: those with {@code from < last_n <= to}. */
    record Cut(long from, long to) {
        static final Cut NOTHING = new Cut(0, 0);
    }

    /** One block on its way into the log; {@code known} is the highest number its writer knows of. */
    record Append(UUID build, int attempt, int batch, long known, LineBlock block, Cut cut) {}

    /** One stored row. */
    record StoredRow(long firstN, long lastN, int attempt, String lines) {}

    /** What lies behind a line, and whether the build had ended by then. */
    record Stored(List<StoredRow> rows, boolean ended) {}

    Uni<Opened> open(UUID build) {
        return pool.preparedQuery(OPEN)
                .execute(Tuple.of(build))
                .map(rows -> rows.iterator().next())
                .map(row -> new Opened(row.get(OffsetDateTime.class, "now").toInstant(), row.getLong("top_n")));
    }

    /** The number of the block's last line; null where the attempt no longer owns the build. */
    Uni<Long> append(Append append) {
        LineBlock block = append.block();
        Tuple values = Tuple.tuple()
                .addUUID(append.build())
                .addInteger(append.attempt())
                .addInteger(append.batch())
                .addLong(append.known())
                .addLong(block.skipped())
                .addInteger(block.lines())
                .addString(block.text())
                .addLong(append.cut().from())
                .addLong(append.cut().to());
        return pool.preparedQuery(APPEND).execute(values).map(LogRepository::number);
    }

    /** The same for anyone and any existing build; null where there is no such build. */
    Uni<Long> note(UUID build, LineBlock block) {
        Tuple values = Tuple.tuple()
                .addUUID(build)
                .addInteger(null)
                .addInteger(0)
                .addLong(0L)
                .addLong(0L)
                .addInteger(block.lines())
                .addString(block.text())
                .addLong(0L)
                .addLong(0L);
        return pool.preparedQuery(APPEND).execute(values).map(LogRepository::number);
    }

    private static Long number(RowSet<Row> rows) {
        return rows.iterator().next().getLong(0);
    }

    Uni<Stored> page(UUID build, long after) {
        return pool.preparedQuery(PAGE)
                .execute(Tuple.of(build, after, PAGE_WEIGHT))
                .map(LogRepository::stored);
    }

    private static Stored stored(RowSet<Row> found) {
        var rows = new ArrayList<StoredRow>();
        boolean ended = true; // also where the build is gone
        for (Row row : found) {
            ended = ENDED.contains(row.getString("status"));
            if (row.getLong("last_n") != null) {
                rows.add(new StoredRow(
                        row.getLong("first_n"),
                        row.getLong("last_n"),
                        row.getInteger("attempt"),
                        row.getString("lines")));
            }
        }
        return new Stored(rows, ended);
    }
}
