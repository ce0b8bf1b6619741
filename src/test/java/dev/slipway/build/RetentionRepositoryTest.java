package dev.slipway.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.QueueOnly;
import dev.slipway.TestData;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What looking for something to delete costs among many builds that may all stay. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class RetentionRepositoryTest {
    @Inject
    TestData data;

    @Inject
    Pool pool;

    @BeforeEach
    void history() {
        data.run("delete from build");
        data.run("""
                insert into build (id, source_kind, source_size, source_sha256, options, repository, status, attempt,
                    finished_at, image_id, log_bytes)
                select gen_random_uuid(), 'DOCKERFILE', 1, '0', '{}', 'demo', 'SUCCEEDED', 1,
                    clock_timestamp() - n * interval '1 second', 'x', 10 from generate_series(1, 5000) n
                """);
        data.run("analyze build");
    }

    @AfterEach
    void none() {
        data.run("delete from build");
    }

    static Stream<String> statements() {
        return Stream.of(RetentionRepository.DELETE_OLD, RetentionRepository.TRIM_OLD);
    }

    @ParameterizedTest
    @MethodSource("statements")
    void what_is_old_is_found_by_an_index_however_many_builds_there_are(String statement) {
        String plan = pool
                .query("explain "
                        + statement
                                .replace("$1", "500")
                                .replace("$2", "1000000")
                                .replace("$3", "86400000"))
                .execute()
                .await()
                .atMost(Duration.ofSeconds(20))
                .stream()
                .map(row -> row.getString(0))
                .collect(Collectors.joining("\n"));

        assertThat(plan)
                .containsPattern("Index Cond: .*finished_at < \\(now\\(\\) - ")
                .doesNotContain("Seq Scan on build ");
    }
}
