package dev.slipway.intake;

import dev.slipway.build.BuildReference;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.build.Ids;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.fetch.UrlPolicy;
import dev.slipway.image.Registries;
import dev.slipway.source.Sources;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.UUID;

/**
 * The one door through which a build is created, whatever the wire format: open a {@link Submission}, hand in what
 * comes, in any order, {@link Submission#accept} it, and {@link #queue} what that gives.
 */
@ApplicationScoped
public class Intake {
    private final Sources sources;
    private final Builds builds;
    private final Registries registries;
    private final UrlPolicy urls;
    private final Vertx vertx;

    Intake(Sources sources, Builds builds, Registries registries, UrlPolicy urls, Vertx vertx) {
        this.sources = sources;
        this.builds = builds;
        this.registries = registries;
        this.urls = urls;
        this.vertx = vertx;
    }

    /** Begins a build. Not closing the submission leaves its half of a source behind. */
    public Submission open(BuildRequest.Origin origin) throws IOException {
        UUID id = Ids.next();
        return new Submission(id, sources.draft(id), registries, origin, urls);
    }

    /**
     * Queues what a submission accepted. Where that fails, or where its key has a build already, its source goes too, so
     * that none stays without a build.
     */
    public Uni<BuildView> queue(BuildRequest accepted) {
        return builds.create(accepted)
                .call(view -> view.build().id.equals(accepted.id())
                        ? Uni.createFrom().voidItem()
                        : dropUnlessQueued(accepted.id()))
                .onFailure()
                .call(() -> dropUnlessQueued(accepted.id()));
    }

    /** A failure of the database may come after its commit: only a source that has no build goes. */
    private Uni<Void> dropUnlessQueued(UUID id) {
        return builds.get(new BuildReference.ById(id))
                .replaceWithVoid()
                .onFailure(e -> e instanceof SlipwayException failure && failure.code() == ErrorCode.NOT_FOUND)
                // on a worker thread, and back where the request lives
                .recoverWithUni(() -> Uni.createFrom().completionStage(() -> vertx.executeBlocking(() -> {
                            sources.delete(id);
                            return (Void) null;
                        })
                        .toCompletionStage()))
                .onFailure()
                .recoverWithNull();
    }
}
