package dev.slipway.build;

import dev.slipway.TestData;
import dev.slipway.error.ErrorCode;
import dev.slipway.image.ImageReference;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Builds without sources, queued and claimed by the tests themselves. */
@ApplicationScoped
class TestQueue {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Builds builds;
    private final BuildQueue queue;
    private final TestData data;

    TestQueue(Builds builds, BuildQueue queue, TestData data) {
        this.builds = builds;
        this.queue = queue;
        this.data = data;
    }

    void empty() {
        data.run("delete from build");
        data.run("delete from push_turn");
        queue.lookAtAll();
    }

    UUID add(String... images) {
        UUID id = Ids.next();
        List<ImageReference> targets =
                Stream.of(images).map(ImageReference::qualified).toList();
        BuildRequest request = new BuildRequest(
                id,
                targets,
                new BuildRequest.Stored("ARCHIVE", 1, "0"),
                BuildOptions.DEFAULT,
                Optional.empty(),
                Optional.empty(),
                BuildRequest.Origin.API);
        await(() -> builds.create(request));
        return id;
    }

    UUID add() {
        return add("example.com/a:1");
    }

    ClaimedBuild claim(String owner) {
        return queue.claim(owner).orElseThrow();
    }

    Build get(UUID id) {
        return await(() -> builds.get(new BuildReference.ById(id))).build();
    }

    OptionalLong position(UUID id) {
        return await(() -> builds.get(new BuildReference.ById(id))).queuePosition();
    }

    void cancel(UUID id) {
        await(() -> builds.cancel(new BuildReference.ById(id)));
    }

    void retry(UUID id) {
        await(() -> builds.retry(new BuildReference.ById(id), Optional.empty()));
    }

    int crashes(UUID id) {
        return data.row("select crashes from build where id = $1", id).getInteger(0);
    }

    void expireLease(UUID id) {
        data.run("update build set lease_until = clock_timestamp() - interval '1 second' where id = $1", id);
    }

    /** Sessions want a context of Vert.x, which a test's thread has not. */
    private static <T> T await(Supplier<Uni<T>> uni) {
        try {
            return VertxContextSupport.subscribeAndAwait(
                    () -> uni.get().ifNoItem().after(SOON).fail());
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A failure of BUILD. */
    static BuildOutcome failed() {
        return new BuildOutcome.Failed(
                ErrorCode.BUILD_FAILED,
                "tried to build but this is a test",
                Optional.of(Step.BUILD),
                Optional.of(1),
                Optional.empty());
    }
}
