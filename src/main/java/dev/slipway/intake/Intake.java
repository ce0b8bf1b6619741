package dev.slipway.intake;

import dev.slipway.build.BuildReference;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.build.Ids;
import dev.slipway.build.Outage;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.fetch.UrlPolicy;
import dev.slipway.image.Registries;
import dev.slipway.source.Sources;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jboss.logging.Logger;

/**
 * The one door through which a build is created, whatever the wire format: open a {@link Submission}, hand in what
 * comes, in any order, {@link Submission#accept} it, and {@link #queue} what that gives. It leaves by the same door.
 */
@ApplicationScoped
public class Intake {
    private static final Logger LOG = Logger.getLogger(Intake.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofSeconds(10);

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
        return open(origin, Spelling.OWN);
    }

    /** The same for a wire format that has names of its own for the fields. */
    public Submission open(BuildRequest.Origin origin, Spelling spelling) throws IOException {
        UUID id = Ids.next();
        Submission.Rules rules = new Submission.Rules(registries, urls, spelling);
        return new Submission(id, sources.draft(id), origin, rules);
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
        return builds.exists(id).chain(exists -> exists ? Uni.createFrom().voidItem() : dropSource(id));
    }

    /**
     * Queues an ended build again: what succeeded is not repeated. Fails with {@link ErrorCode#SOURCE_GONE} where there is
     * nothing left to build from.
     *
     * @param credentials new ones for the first target's registry; the build's own were erased when it ended
     */
    public Uni<BuildView> retry(BuildReference reference, Optional<Credentials> credentials) {
        return builds.get(reference)
                .call(view -> onWorker(() -> checkSource(view)))
                .chain(view -> builds.retry(
                        new BuildReference.ById(view.build().id),
                        credentials.map(c -> new Builds.RetryCredentials(c.username(), c.password()))));
    }

    private Void checkSource(BuildView view) {
        UUID id = view.build().id;
        boolean wasHere = view.build().sourceSha256 != null;
        if (view.build().status.isFinal() && wasHere && !sources.exists(id)) {
            throw new SlipwayException(
                    ErrorCode.SOURCE_GONE,
                    "tried to retry build " + view.build().number + " but its source is kept no longer");
        }
        return null;
    }

    /** Removes an ended or queued build and all that belongs to it; a running one refuses. */
    public Uni<Void> remove(BuildReference reference) {
        return builds.delete(reference).chain(this::dropSource);
    }

    /** The same for a running build too, which is cancelled first; fails where it does not end within {@code patience}. */
    public Uni<Void> cancelAndRemove(BuildReference reference, Duration patience) {
        return builds.get(reference).chain(view -> {
            BuildReference build = new BuildReference.ById(view.build().id);
            return builds.cancel(build)
                    .onFailure(Intake::isStateConflict)
                    .recoverWithItem(view) // it has ended
                    .chain(() -> builds.awaitEnd(view.build().id, patience))
                    .chain(() -> remove(build));
        });
    }

    private static boolean isStateConflict(Throwable e) {
        return e instanceof SlipwayException failure && failure.code() == ErrorCode.BUILD_STATE_CONFLICT;
    }

    private Uni<Void> dropSource(UUID id) {
        return onWorker(() -> {
            sources.delete(id);
            return null;
        });
    }

    /** On a worker thread, and back where the request lives. */
    private Uni<Void> onWorker(Callable<Void> work) {
        return Uni.createFrom()
                .completionStage(() -> vertx.executeBlocking(work).toCompletionStage());
    }
}
