package dev.slipway.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.QueueOnly;
import dev.slipway.TestData;
import dev.slipway.TestSource;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.BuildReference;
import dev.slipway.build.FinishedBuilds;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.intake.Intake;
import dev.slipway.joblog.BuildRows;
import dev.slipway.source.Layout;
import dev.slipway.source.SourceDraft;
import dev.slipway.source.Sources;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.vertx.VertxContextSupport;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes of finished builds, and what stays, on a real database and real files. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class RetentionTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration DAY = Duration.ofDays(1);

    @Inject
    FinishedBuilds builds;

    @Inject
    BuildQueue queue;

    @Inject
    Sources sources;

    @Inject
    Intake intake;

    @Inject
    BuildRows rows;

    @Inject
    TestData data;

    @Inject
    Pool pool;

    @BeforeEach
    void empty() throws IOException {
        data.run("delete from build");
        for (var source : sources.kept()) {
            sources.delete(source.build());
        }
    }

    /** A failed build with a source and a log of three rows, of 100 bytes each. */
    private UUID failed(Duration ago) throws IOException {
        UUID build = rows.running();
        log(build);
        keep(build);
        rows.fail(build);
        data.run(
                "update build set finished_at = clock_timestamp() - $2::bigint * interval '1 second' where id = $1",
                build,
                ago.toSeconds());
        return build;
    }

    private void log(UUID build) {
        for (int n = 1; n <= 3; n++) {
            data.run(
                    "insert into build_log (build_id, first_n, last_n, attempt, batch, bytes, lines)"
                            + " values ($1, $2, $2, 1, $2, 100, $3)",
                    build,
                    n,
                    "line " + n);
        }
    }

    private void keep(UUID build) throws IOException {
        try (SourceDraft draft = sources.draft(build)) {
            draft.archive(new ByteArrayInputStream(
                    TestSource.holding(build.toString()).tar()));
            draft.finish(Layout.DEFAULT);
            draft.keep();
        }
    }

    private List<UUID> left() {
        return builds
                .existing(pool.query("select id from build").execute().await().atMost(SOON).stream()
                        .map(row -> row.getUUID(0))
                        .toList())
                .stream()
                .toList();
    }

    private int runBuilds(Rules rules) {
        return new BuildRetention(builds, sources, rules).runOnce();
    }

    private int runLogs(Rules rules) {
        return new LogRetention(builds, rules).runOnce();
    }

    private int runSources(Rules rules) throws IOException {
        return new SourceRetention(builds, sources, rules).runOnce();
    }

    private int sweep() throws IOException {
        return new SourceSweep(builds, queue, sources).runOnce();
    }

    private List<Long> logOf(UUID build) {
        return pool
                .preparedQuery("select last_n from build_log where build_id = $1 order by 1")
                .execute(io.vertx.mutiny.sqlclient.Tuple.of(build))
                .await()
                .atMost(SOON)
                .stream()
                .map(row -> row.getLong(0))
                .toList();
    }

    @Test
    void builds_that_ended_too_long_ago_go_with_their_logs_and_sources() throws IOException {
        UUID old = failed(Duration.ofDays(3));
        UUID fresh = failed(Duration.ofMinutes(1));

        assertThat(runBuilds(Rules.NONE)).isZero();
        assertThat(runBuilds(Rules.NONE.builds(DAY))).isEqualTo(1);

        assertThat(left()).containsExactly(fresh);
        assertThat(sources.exists(old)).isFalse();
        assertThat(sources.exists(fresh)).isTrue();
        assertThat(logOf(old)).isEmpty();
        assertThat(logOf(fresh)).hasSize(3);
    }

    @Test
    void of_too_many_builds_the_newest_stay_and_so_does_whatever_has_not_ended() throws IOException {
        UUID queued = rows.queued();
        UUID running = rows.running();
        for (int i = 0; i < 4; i++) {
            failed(Duration.ofMinutes(i));
        }
        UUID newest = failed(Duration.ofDays(9));
        UUID newer = failed(Duration.ofDays(9));

        assertThat(runBuilds(Rules.NONE.builds(2))).isEqualTo(4);

        assertThat(left()).containsExactlyInAnyOrder(queued, running, newest, newer);
    }

    @Test
    void more_than_a_batch_of_builds_goes_at_once() {
        data.run("""
                insert into build (id, source_kind, source_size, source_sha256, options, repository, status, attempt,
                    finished_at, image_id)
                select gen_random_uuid(), 'DOCKERFILE', 1, '0', '{}', 'demo', 'SUCCEEDED', 1,
                    clock_timestamp() - interval '2 days', 'x' from generate_series(1, 1200)
                """);

        assertThat(runBuilds(Rules.NONE.builds(DAY))).isEqualTo(1200);

        assertThat(left()).isEmpty();
    }

    @Test
    void a_build_that_is_being_retried_is_passed_over() throws Exception {
        UUID retried = failed(Duration.ofDays(3));
        UUID old = failed(Duration.ofDays(2));
        SqlConnection connection = pool.getConnection().await().atMost(SOON);
        var transaction = connection.begin().await().atMost(SOON);
        connection
                .preparedQuery(
                        "update build set status = 'QUEUED', finished_at = null, error_code = null where id = $1")
                .execute(io.vertx.mutiny.sqlclient.Tuple.of(retried))
                .await()
                .atMost(SOON);

        assertThat(runBuilds(Rules.NONE.builds(DAY))).isEqualTo(1);

        transaction.commit().await().atMost(SOON);
        connection.close().await().atMost(SOON);
        assertThat(runBuilds(Rules.NONE.builds(DAY))).isZero();
        assertThat(left()).containsExactly(retried);
        assertThat(sources.exists(retried)).isTrue();
        assertThat(sources.exists(old)).isFalse();
    }

    @Test
    void old_logs_keep_their_last_lines() throws IOException {
        UUID old = failed(Duration.ofDays(3));
        UUID fresh = failed(Duration.ofMinutes(1));

        assertThat(runLogs(Rules.NONE.logs(DAY))).isEqualTo(1);
        assertThat(runLogs(Rules.NONE.logs(DAY))).as("once is enough").isZero();

        assertThat(logOf(old)).containsExactly(3L);
        assertThat(logOf(fresh)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void of_too_much_log_the_oldest_goes() throws IOException {
        UUID oldest = failed(Duration.ofDays(3));
        UUID older = failed(Duration.ofDays(2));
        UUID fresh = failed(Duration.ofMinutes(1));
        UUID running = rows.running();
        log(running);

        assertThat(runLogs(Rules.NONE.logs(900))).isZero();
        assertThat(runLogs(Rules.NONE.logs(450))).isEqualTo(2);

        assertThat(logOf(oldest)).containsExactly(3L);
        assertThat(logOf(older)).containsExactly(3L);
        assertThat(logOf(fresh)).hasSize(3);
        assertThat(logOf(running)).hasSize(3);
    }

    @Test
    void a_source_that_was_taken_is_gone_for_a_retry() throws IOException {
        UUID old = failed(Duration.ofDays(3));
        UUID fresh = failed(Duration.ofMinutes(1));

        assertThat(runSources(Rules.NONE.sources(DAY))).isEqualTo(1);

        assertThat(sources.exists(old)).isFalse();
        assertThat(sources.exists(fresh)).isTrue();
        assertThat(left()).containsExactlyInAnyOrder(old, fresh);
        assertThatThrownBy(() -> retry(old)).isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code())
                .isEqualTo(ErrorCode.SOURCE_GONE));
    }

    /** The row decides, so that nobody retries a build whose files are about to go. */
    @Test
    void a_source_is_gone_before_its_files_are() throws IOException {
        UUID old = failed(Duration.ofDays(3));
        assertThat(builds.takeSource(old)).isTrue();
        assertThat(sources.exists(old)).isTrue();

        assertThatThrownBy(() -> retry(old)).isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code())
                .isEqualTo(ErrorCode.SOURCE_GONE));
    }

    private void retry(UUID build) {
        try {
            VertxContextSupport.subscribeAndAwait(() -> intake.retry(new BuildReference.ById(build), Optional.empty()));
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void of_too_many_bytes_of_sources_those_go_whose_builds_ended_first() throws IOException {
        UUID running = rows.running();
        keep(running);
        UUID queued = rows.queued();
        keep(queued);
        UUID older = failed(Duration.ofHours(2));
        UUID fresh = failed(Duration.ofMinutes(1));
        UUID oldest = failed(Duration.ofHours(3));
        Files.createDirectories(sources.stage(oldest));
        Files.write(sources.stage(oldest).resolve("blob"), new byte[100_000]);
        long each = Files.size(data.source(fresh.toString()).resolve("source"));

        assertThat(runSources(Rules.NONE.sources(5 * each + 100_000))).isZero();
        assertThat(runSources(Rules.NONE.sources(5 * each))).isEqualTo(1);
        assertThat(sources.exists(oldest)).isFalse();
        assertThat(sources.stage(oldest)).doesNotExist();

        assertThat(runSources(Rules.NONE.sources(3 * each))).isEqualTo(1);
        assertThat(sources.exists(older)).isFalse();
        assertThat(sources.exists(fresh)).isTrue();

        assertThat(runSources(Rules.NONE.sources(0))).isEqualTo(1);
        assertThat(Stream.of(running, queued)).allMatch(sources::exists);
    }

    @Test
    void a_source_without_a_build_goes_when_it_is_old_enough() throws IOException {
        UUID young = UUID.randomUUID();
        keep(young);
        UUID orphan = orphan();
        UUID queued = rows.queued();
        keep(queued);
        rest(queued);

        assertThat(sweep()).isEqualTo(1);

        assertThat(sources.exists(orphan)).isFalse();
        assertThat(Stream.of(young, queued)).allMatch(sources::exists);
    }

    @Test
    void a_source_whose_build_is_being_queued_stays_however_long_that_takes() throws Exception {
        UUID slow = orphan();
        SqlConnection connection = pool.getConnection().await().atMost(SOON);
        var transaction = connection.begin().await().atMost(SOON);
        connection
                .preparedQuery("select pg_advisory_xact_lock(hashtextextended($1, 0))")
                .execute(io.vertx.mutiny.sqlclient.Tuple.of(slow.toString()))
                .await()
                .atMost(SOON);
        connection
                .preparedQuery("insert into build (id, source_kind, source_size, source_sha256, options, repository)"
                        + " values ($1, 'DOCKERFILE', 1, '0', '{}', 'demo')")
                .execute(io.vertx.mutiny.sqlclient.Tuple.of(slow))
                .await()
                .atMost(SOON);
        CompletableFuture<Integer> swept = CompletableFuture.supplyAsync(() -> {
            try {
                return sweep();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        org.awaitility.Awaitility.await()
                .atMost(SOON)
                .until(() -> data.row("select count(*) from pg_locks where locktype = 'advisory' and not granted")
                                .getLong(0)
                        == 1);
        transaction.commit().await().atMost(SOON);
        connection.close().await().atMost(SOON);

        assertThat(swept.get(20, TimeUnit.SECONDS)).isZero();
        assertThat(sources.exists(slow)).isTrue();
    }

    private UUID orphan() throws IOException {
        UUID orphan = UUID.randomUUID();
        keep(orphan);
        rest(orphan);
        return orphan;
    }

    private void rest(UUID build) throws IOException {
        Path directory = data.source(build.toString());
        FileTime then = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
        Files.setLastModifiedTime(directory.resolve("source"), then);
        Files.setLastModifiedTime(directory, then);
    }

    @Test
    void a_directory_belongs_to_the_database_that_came_first() throws IOException {
        UUID ours = builds.database();
        assertThat(sources.belongTo(ours)).isTrue();
        assertThat(sources.belongTo(UUID.randomUUID())).isFalse();
        assertThat(sources.belongTo(ours)).isTrue();
    }
}
