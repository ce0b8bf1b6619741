package dev.slipway.worker;

import static dev.slipway.TestSite.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.TestData;
import dev.slipway.TestDatabase;
import dev.slipway.TestSite;
import dev.slipway.TestSource;
import dev.slipway.build.BuildOptions;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.Builds;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.Step;
import dev.slipway.buildah.Buildah;
import dev.slipway.error.ErrorCode;
import dev.slipway.fetch.Fetcher;
import dev.slipway.image.ImageReference;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.JobLogWriter;
import dev.slipway.secret.Secret;
import dev.slipway.source.Layout;
import dev.slipway.source.SourceDraft;
import dev.slipway.source.Sources;
import dev.slipway.source.StoredSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.vertx.VertxContextSupport;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fetches of attempts that lose their build on the way. */
@QuarkusTest
@TestProfile(SourceFetchTest.NoWorkers.class)
@Timeout(60)
class SourceFetchTest {
    private static final byte[] TAR = TestSource.holding("this attempt's").tar();
    private static final byte[] OTHER = TestSource.holding("another attempt's").tar();

    @Inject
    Builds builds;

    @Inject
    BuildQueue queue;

    @Inject
    Sources sources;

    @Inject
    Fetcher fetcher;

    @Inject
    Buildah buildah;

    @Inject
    JobLog jobLog;

    @Inject
    TestData data;

    TestSite site;

    private ClaimedBuild build;
    private UUID id;

    /** A site to fetch from, and nobody who does unless the tests do. */
    public static class NoWorkers implements QuarkusTestProfile {
        @Override
        public List<TestResourceEntry> testResources() {
            return List.of(new TestResourceEntry(TestDatabase.class), new TestResourceEntry(TestSite.class));
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("slipway.worker.slots", "0");
        }
    }

    @BeforeEach
    void claim() throws Throwable {
        data.run("delete from build");
        id = UUID.randomUUID();
        String url = site.url("/source.tar");
        BuildRequest request = new BuildRequest(
                id,
                List.of(ImageReference.qualified("example.com/a:1")),
                new BuildRequest.Remote(url, Optional.empty(), Secret.of(url), false),
                BuildOptions.DEFAULT,
                Optional.empty(),
                Optional.empty(),
                BuildRequest.Origin.API);
        VertxContextSupport.subscribeAndAwait(() -> builds.create(request));
        build = queue.claim("slow").orElseThrow();
        site.content("/source.tar", TAR);
    }

    /** The FETCH step; {@code first} happens once it has begun. */
    private StoredSource fetch(Runnable first) {
        RunningAttempt attempt = new RunningAttempt(build, new Hold(Duration.ofDays(1), System.nanoTime()));
        try (JobLogWriter log = jobLog.open(id, 1)) {
            StepRunner steps = new StepRunner(attempt, queue, log, buildah.limits());
            SourceFetch fetch = new SourceFetch(attempt, steps, queue, sources, fetcher);
            Supplier<StoredSource> paused = () -> {
                first.run();
                return fetch.run(Layout.DEFAULT, dockerfile -> {});
            };
            return steps.run(Step.FETCH, ErrorCode.FETCH_FAILED, paused);
        }
    }

    private void anotherAttemptStores() {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(new ByteArrayInputStream(OTHER));
            draft.finish(Layout.DEFAULT);
            draft.keep();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void anotherAttemptRecords() {
        data.run("update build set attempt = 2, lease_owner = 'quick', source_size = 1, source_sha256 = '0'");
    }

    private Path source() {
        return data.source(id.toString()).resolve("source");
    }

    @Test
    void a_source_is_stored_and_recorded() {
        StoredSource fetched = fetch(() -> {});

        assertThat(source()).hasBinaryContent(TAR);
        assertThat(data.row("select source_sha256 from build").getString(0)).isEqualTo(fetched.sha256());
    }

    @Test
    void what_another_attempt_stored_and_never_recorded_is_replaced() {
        fetch(this::anotherAttemptStores);

        assertThat(source()).hasBinaryContent(TAR);
    }

    @Test
    void what_another_attempt_recorded_during_a_long_pause_stays() {
        assertThatThrownBy(() -> fetch(() -> {
                    anotherAttemptStores();
                    anotherAttemptRecords();
                }))
                .isInstanceOf(AttemptEndedException.class);

        assertThat(source()).hasBinaryContent(OTHER);
    }

    @Test
    void what_another_attempt_recorded_during_a_slow_download_stays() {
        site.page("/source.tar", (request, out) -> {
            anotherAttemptStores();
            anotherAttemptRecords();
            out.write(head(200, "Content-Length: " + TAR.length));
            out.write(TAR);
        });

        assertThatThrownBy(() -> fetch(() -> {})).isInstanceOf(AttemptEndedException.class);

        assertThat(source()).hasBinaryContent(OTHER);
    }

    @Test
    void nothing_is_stored_for_a_build_that_was_deleted_meanwhile() throws Exception {
        site.page("/source.tar", (request, out) -> {
            data.run("delete from build");
            out.write(head(200, "Content-Length: " + TAR.length));
            out.write(TAR);
        });

        assertThatThrownBy(() -> fetch(() -> {})).isInstanceOf(AttemptEndedException.class);

        assertThat(data.sources()).doesNotContain(id.toString()).noneMatch(name -> name.contains(id.toString()));
    }

    /** Between the question whether the build is still ours and the note of what it has now. */
    @Test
    void nothing_stays_of_a_build_that_is_deleted_as_its_source_is_stored() throws Exception {
        data.run("""
                create function vanish() returns trigger language plpgsql as $$
                begin delete from build where id = old.id; return null; end $$
                """);
        data.run("""
                create trigger vanish before update of source_sha256 on build
                for each row execute function vanish()
                """);
        try {
            assertThatThrownBy(() -> fetch(() -> {})).isInstanceOf(AttemptEndedException.class);
        } finally {
            data.run("drop function vanish() cascade");
        }

        assertThat(data.sources()).noneMatch(name -> name.contains(id.toString()));
    }
}
