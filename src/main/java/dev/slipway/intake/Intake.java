package dev.slipway.intake;

import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.build.Ids;
import dev.slipway.build.Outage;
import dev.slipway.image.Registries;
import dev.slipway.source.Sources;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * The one door through which a build is created, whatever the wire format: open a {@link Submission}, hand in what
 * comes, in any order, {@link Submission#accept} it, and {@link #queue} what that gives.
 */
@ApplicationScoped
public class Intake {
    private static final Logger LOG = Logger.getLogger(Intake.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofSeconds(10);

    private final Sources sources;
    private final Builds builds;
    private final Registries registries;
    private final Vertx vertx;

    Intake(Sources sources, Builds builds, Registries registries, Vertx vertx) {
        this.sources = sources;
        this.builds = builds;
        this.registries = registries;
        this.vertx = vertx;
    }

    /** Begins a build. Not closing the submission leaves its half of a source behind. */
    public Submission open(BuildRequest.Origin origin) throws IOException {
        return open(origin, Spelling.OWN);
    }

    /** The same for a wire format that has names of its own for the fields. */
    public Submission open(BuildRequest.Origin origin, Spelling spelling) throws IOException {
        UUID id = Ids.next();
        return new Submission(id, sources.draft(id), registries, origin, spelling);
    }

    /**
     * Queues what a submission accepted. Where that fails, or where its key has a build already, its source goes too, so
     * that none stays without a build. Whoever waits is answered after some seconds, even if the database is not.
     */
    public Uni<BuildView> queue(BuildRequest accepted) {
        Uni<BuildView> queued = builds.create(accepted)
                .call(view ->
                        view.build().id.equals(accepted.id()) ? Uni.createFrom().voidItem() : settle(accepted.id()))
                .onFailure()
                .call(() -> settle(accepted.id()));
        // kept, so that it goes on without whoever stops waiting
        return Outage.guard(queued.memoize().indefinitely());
    }

    /** Deletes a source unless it has a build; later, where the database does not say so now. */
    private Uni<Void> settle(UUID id) {
        return dropUnlessQueued(id)
                .onFailure()
                .invoke(e -> dropUnlessQueued(id)
                        .onFailure()
                        .invoke(again ->
                                LOG.debugf("the source of %s waits for the database: %s", id, again.getMessage()))
                        .onFailure()
                        .retry()
                        .withBackOff(FIRST_RETRY, LAST_RETRY)
                        .indefinitely()
                        .subscribe()
                        .with(done -> LOG.debugf("the source of %s is settled", id)))
                .onFailure()
                .recoverWithNull();
    }

    /** A failure of the database may come after its commit: only a source that has no build goes. */
    private Uni<Void> dropUnlessQueued(UUID id) {
        return builds.exists(id).chain(exists -> exists ? Uni.createFrom().voidItem() : delete(id));
    }

    /** On a worker thread, and back where the request lives. */
    private Uni<Void> delete(UUID id) {
        return Uni.createFrom().completionStage(() -> vertx.executeBlocking(() -> {
                    sources.delete(id);
                    return (Void) null;
                })
                .toCompletionStage());
    }
}
