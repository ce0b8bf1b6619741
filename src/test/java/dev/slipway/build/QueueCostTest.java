package dev.slipway.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.QueueOnly;
import dev.slipway.TestData;
import dev.slipway.build.BuildQueue.Turn;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What statements of the queue cost, in pages that they touch, however much has ended before. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(120)
class QueueCostTest {
    private static final int HISTORY = 20_000;
    /** As many as a few descents of indexes take, and a page of a list in scattered rows. */
    private static final long FEW = 120;

    private static final long PAGE = 50;
    private static final OffsetDateTime LONG_AGO = OffsetDateTime.parse("1970-01-01T00:00:00Z");

    @Inject
    Pool pool;

    @Inject
    TestQueue tests;

    @Inject
    BuildQueue queue;

    @Inject
    QueueHousekeeping housekeeping;

    @Inject
    TestData data;

    private SqlConnection leftOpen;

    @BeforeEach
    void empty() {
        tests.empty();
    }

    @AfterEach
    void leave_nothing() {
        if (leftOpen != null) {
            leftOpen.query("rollback").executeAndAwait();
            leftOpen.closeAndAwait();
        }
        tests.empty();
        data.run("vacuum build");
    }

    /** From now on no version of a row goes away: somebody may still look at it. */
    private void leaveTransactionOpen() {
        leftOpen = pool.getConnectionAndAwait();
        leftOpen.query("begin isolation level repeatable read").executeAndAwait();
        leftOpen.query("select count(*) from build").executeAndAwait();
    }

    /** Builds that went the way of all builds; the first of them failed. */
    private void addHistory() {
        data.run("""
                with queued as (
                    insert into build (id, source_kind, source_size, source_sha256, options, repository)
                    select gen_random_uuid(), 'ARCHIVE', 1, '0', '{}', 'example.com/a' from generate_series(1, $1)
                    returning id, number)
                insert into build_target (build_id, position, image, build_number)
                select id, 0, case when number % 2 = 0 then 'example.com/a:' else 'example.com/b:' end || number, number
                from queued
                """, HISTORY);
        data.run("""
                update build set status = 'RUNNING', attempt = 1, started_at = clock_timestamp(), lease_owner = 'past',
                    lease_until = clock_timestamp()
                """);
        data.run("""
                update build set status = case when first then 'FAILED' else 'SUCCEEDED' end,
                    error_code = case when first then 'internal' end, image_id = 'x', finished_at = clock_timestamp(),
                    lease_owner = null, lease_until = null
                from (select id as which, row_number() over (order by number) <= 100 as first from build) ranked
                where id = which
                """);
        data.run("vacuum (analyze) build, build_target");
    }

    private long pages(String sql, Tuple parameters) {
        SqlConnection connection = pool.getConnectionAndAwait();
        try {
            connection.query("begin").executeAndAwait();
            Object plan = connection
                    .preparedQuery("explain (analyze, buffers, format json) " + sql)
                    .executeAndAwait(parameters)
                    .iterator()
                    .next()
                    .getValue(0);
            JsonObject top = ((JsonArray) plan).getJsonObject(0).getJsonObject("Plan");
            return top.getLong("Shared Hit Blocks") + top.getLong("Shared Read Blocks");
        } finally {
            connection.query("rollback").executeAndAwait();
            connection.closeAndAwait();
        }
    }

    private long pagesOfClaim(OffsetDateTime since) {
        return pages(QueueRepository.CLAIM.sql("id"), Tuple.of("a", 1000L, since));
    }

    @Test
    void a_transaction_that_is_left_open_does_not_slow_claims_and_ends() {
        leaveTransactionOpen();
        addHistory();
        UUID id = tests.add();
        OffsetDateTime place = tests.get(id).queuedAt.atOffset(ZoneOffset.UTC);

        assertThat(pagesOfClaim(place)).isLessThan(FEW);
        // this is what it would cost; else the transaction would not stand in the way at all
        assertThat(pagesOfClaim(LONG_AGO)).isGreaterThan(FEW);

        BuildClaim claim = tests.claim("a").claim();
        assertThat(claim.id()).isEqualTo(id);
        Tuple held = Tuple.of(claim.id(), claim.attempt(), claim.owner(), "sha256:image");
        assertThat(pages(QueueRepository.SUCCEED.sql("id"), held)).isLessThan(FEW);
        Tuple step = Tuple.of(claim.id(), claim.attempt(), claim.owner(), "BUILD", 1);
        assertThat(pages(QueueRepository.BEGIN_STEP, step)).isLessThan(FEW);
        assertThat(pages(QueueRepository.RENEW, Tuple.of("a", 1000L, new UUID[] {id})))
                .isLessThan(FEW);
    }

    /** A build that runs for an hour renews its lease 1,800 times, and each index would get as many entries. */
    @Test
    void no_index_holds_what_a_renewal_writes() {
        assertThat(data.row("""
                        select count(*) from pg_index
                        where indrelid = 'build'::regclass and pg_get_indexdef(indexrelid) like '%lease_until%'
                        """).getLong(0)).isZero();
    }

    @Test
    void a_page_of_a_list_costs_the_same_whatever_ended_before() {
        addHistory();
        long middle = data.row("select min(number) + $1 / 2 from build", (long) HISTORY)
                .getLong(0);

        for (long below : new long[] {Long.MAX_VALUE, middle}) {
            assertThat(pagesOfList(Optional.empty(), Optional.empty(), below)).isLessThan(FEW);
            for (BuildStatus status : BuildStatus.values()) {
                assertThat(pagesOfList(Optional.of(status), Optional.empty(), below))
                        .as("%s", status)
                        .isLessThan(FEW);
            }
            for (String image : new String[] {"example.com/a", "example.com/a:" + middle, "example.com/none"}) {
                assertThat(pagesOfList(Optional.empty(), Optional.of(image), below))
                        .as(image)
                        .isLessThan(FEW);
                assertThat(pagesOfList(Optional.of(BuildStatus.SUCCEEDED), Optional.of(image), below))
                        .as("%s, SUCCEEDED", image)
                        .isLessThan(3 * FEW);
            }
        }
    }

    private long pagesOfList(Optional<BuildStatus> status, Optional<String> image, long below) {
        PageQuery query = PageQuery.of(new BuildFilter(status, image, Optional.empty(), below, (int) PAGE));
        String sql = query.sql();
        for (Map.Entry<String, Object> parameter : query.parameters().entrySet()) {
            sql = sql.replace(":" + parameter.getKey(), "'" + parameter.getValue() + "'");
        }
        // the first look takes out of the index what vacuum had to leave, because somebody might still have seen it
        return Math.min(pages(sql, Tuple.tuple()), pages(sql, Tuple.tuple()));
    }

    @Test
    void a_build_that_comes_back_in_front_of_the_last_claim_is_claimed_within_a_poll() {
        UUID first = tests.add();
        UUID second = tests.add();
        BuildClaim lost = tests.claim("a").claim();
        assertThat(tests.claim("a").claim().id()).isEqualTo(second);
        queue.finish(lost, new BuildOutcome.HandedBack("test", false));

        BuildClaim again = await().until(() -> queue.claim("a"), Optional::isPresent)
                .orElseThrow()
                .claim();

        assertThat(again).isEqualTo(new BuildClaim(first, 2, "a"));
    }

    @Test
    void builds_that_were_rescued_are_next() {
        UUID first = tests.add();
        UUID second = tests.add();
        tests.claim("a");
        tests.claim("a");
        UUID third = tests.add();
        queue.rescue(List.of("a"), false);

        assertThat(Stream.generate(() -> tests.claim("b").claim().id()).limit(3))
                .containsExactly(first, second, third);
    }

    @Test
    void the_position_in_the_queue_counts_those_that_are_claimed_before() {
        UUID[] ids = {tests.add(), tests.add(), tests.add(), tests.add()};
        data.run("update build set queued_at = queued_at - interval '1 hour' where id = $1", ids[3]);
        tests.cancel(ids[1]);

        assertThat(tests.position(ids[3])).hasValue(1);
        assertThat(tests.position(ids[0])).hasValue(2);
        assertThat(tests.position(ids[1])).isEmpty();
        assertThat(tests.position(ids[2])).hasValue(3);
        tests.claim("a");
        assertThat(tests.position(ids[3])).isEmpty();
        assertThat(tests.position(ids[2])).hasValue(2);
    }

    @Test
    void a_turn_is_forgotten_once_no_build_is_left_that_it_could_hold_back() {
        tests.add("example.com/a:1");
        tests.add("example.com/a:1");
        ClaimedBuild older = tests.claim("a");
        ClaimedBuild newer = tests.claim("b");
        assertThat(queue.takeTurn(newer, newer.targets().getFirst())).isEqualTo(Turn.OURS);
        housekeeping.runOnce();
        queue.endTurn(newer, newer.targets().getFirst(), true);
        assertThat(queue.finish(newer.claim(), new BuildOutcome.Succeeded("sha256:1")))
                .isTrue();

        // whatever the clock says: the older build may still push
        age();
        housekeeping.runOnce();
        assertThat(queue.takeTurn(older, older.targets().getFirst())).isEqualTo(Turn.SUPERSEDED);

        assertThat(queue.finish(older.claim(), TestQueue.failed())).isTrue();
        housekeeping.runOnce();
        assertThat(data.row("select count(*) from push_turn").getLong(0)).isZero();
    }

    private void age() {
        data.run("update build set queued_at = queued_at - interval '2 hours'");
        data.run("update push_turn set last_queued_at = last_queued_at - interval '2 hours'");
    }

    @Test
    void a_key_is_forgotten_after_a_day() {
        UUID id = tests.add();
        data.run("insert into idempotency_key (key, fingerprint, build_id) values ('fresh', 'f', $1)", id);
        data.run("""
                insert into idempotency_key (key, fingerprint, build_id, created_at)
                select 'old ' || i, 'f', $1, clock_timestamp() - interval '25 hours' from generate_series(1, 2500) i
                """, id);

        housekeeping.runOnce();

        assertThat(data.row("select string_agg(key, ',') from idempotency_key").getString(0))
                .isEqualTo("fresh");
    }
}
