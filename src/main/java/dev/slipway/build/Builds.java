package dev.slipway.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.image.ImageReference;
import dev.slipway.image.Registries;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.secret.Secret;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What users do with builds. Nothing here blocks. */
@ApplicationScoped
public class Builds {
    private final SubmissionRepository submissions;
    private final QueueRepository queue;
    private final IdempotencyRepository keys;
    private final BuildReader reader;
    private final BuildWatch watch;
    private final SealedCredentials sealing;
    private final Registries registries;
    private final ObjectMapper json;

    Builds(
            SubmissionRepository submissions,
            QueueRepository queue,
            IdempotencyRepository keys,
            BuildReader reader,
            BuildWatch watch,
            SealedCredentials sealing,
            Registries registries,
            ObjectMapper json) {
        this.submissions = submissions;
        this.queue = queue;
        this.keys = keys;
        this.reader = reader;
        this.watch = watch;
        this.sealing = sealing;
        this.registries = registries;
        this.json = json;
    }

    /**
     * Queues a build, and wakes the workers, in one transaction. A request whose key is known is not queued again: the
     * answer is the build that it made the first time. Where the database goes away meanwhile, {@link #exists} tells
     * whether it was queued.
     */
    public Uni<BuildView> create(BuildRequest request) {
        String options;
        try {
            options = json.writeValueAsString(request.options());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        String fingerprint = IdempotencyKey.fingerprint(request, sealing.mark(request.source()), options);
        return submissions
                .insert(request, options, fingerprint, sealed(request))
                .replaceWith(request.id())
                .onFailure(IdempotencyRepository.TakenException.class)
                .recoverWithUni(() -> first(request, fingerprint))
                .chain(id -> get(new BuildReference.ById(id)));
    }

    private SubmissionRepository.Secrets sealed(BuildRequest request) {
        return new SubmissionRepository.Secrets(
                request.credentials().map(c -> sealing.seal(request.id(), c)),
                request.source() instanceof BuildRequest.Remote remote
                        ? remote.secret().map(url -> sealing.sealUrl(request.id(), url))
                        : Optional.empty());
    }

    /** The build of the request that came first with this key. */
    private Uni<UUID> first(BuildRequest request, String fingerprint) {
        return keys.find(request.key().orElseThrow()).map(found -> {
            IdempotencyRepository.Owner owner = found.orElseThrow(
                    () -> new SlipwayException(
                            ErrorCode.BUILD_STATE_CONFLICT,
                            "tried to find the build of this Idempotency-Key but it was deleted just now; send the request again"));
            if (!owner.fingerprint().equals(fingerprint)) {
                throw new SlipwayException(
                        ErrorCode.IDEMPOTENCY_KEY_REUSED,
                        "tried to find the build of this Idempotency-Key but the key came with another source, image or"
                                + " option first");
            }
            return owner.build();
        });
    }

    /** Whether a build is there; certain even while the transaction that queues it may still be under way. */
    public Uni<Boolean> exists(UUID id) {
        return Outage.guard(submissions.exists(id));
    }

    /** The build a user names; {@link ErrorCode#NOT_FOUND} where there is none. */
    public Uni<BuildView> get(BuildReference reference) {
        return Outage.guard(Uni.createFrom().deferred(() -> reader.find(reference)))
                .map(found -> found.orElseThrow(() -> notFound(reference)));
    }

    /** A page of builds, the newest first. */
    public Uni<List<BuildView>> list(BuildFilter filter) {
        return Outage.guard(Uni.createFrom().deferred(() -> reader.list(filter)));
    }

    /** The same page without what belongs to its builds, for lists that are long and do not show it. */
    public Uni<List<Build>> rows(BuildFilter filter) {
        return Outage.guard(Uni.createFrom().deferred(() -> reader.rows(filter)));
    }

    /** The build as it is when it ends, or after {@code patience} if it has not ended by then. */
    public Uni<BuildView> awaitEnd(UUID id, Duration patience) {
        BuildReference reference = new BuildReference.ById(id);
        return watch.awaitEnd(() -> get(reference), view -> view.build().status.isFinal(), id, patience);
    }

    /**
     * Ends a queued build at once and asks the worker of a running one to stop; asking twice is fine.
     *
     * @return the build as it is then
     */
    public Uni<BuildView> cancel(BuildReference reference) {
        return get(reference).chain(view -> Outage.guard(cancel(view.build().id))
                .chain(done -> get(new BuildReference.ById(view.build().id)).invoke(now -> {
                    if (!done && now.build().status != BuildStatus.CANCELLED) {
                        throw conflict(now, "cancel");
                    }
                })));
    }

    private Uni<Boolean> cancel(UUID id) {
        // it may be claimed, or handed back, between the two: hence once more
        return queue.cancelQueued(id, "the build was cancelled before it began")
                .chain(changed -> changed.isEmpty()
                        ? queue.markCancel(id)
                        : Uni.createFrom().item(true))
                .chain(done -> done
                        ? Uni.createFrom().item(true)
                        : queue.cancelQueued(id, "the build was cancelled before it began")
                                .map(changed -> !changed.isEmpty()));
    }

    /**
     * Queues an ended build again: what succeeded is not repeated.
     *
     * @param credentials new ones for the first target's registry; the build's own were erased when it ended
     */
    public Uni<BuildView> retry(BuildReference reference, Optional<RetryCredentials> credentials) {
        return get(reference).chain(view -> {
            UUID id = view.build().id;
            String host =
                    ImageReference.qualified(view.targets().getFirst().image).registry();
            Optional<RegistryCredentials> fresh = credentials.map(c -> c.forRegistry(host));
            // in every other state a password would not help
            boolean ended = view.build().status.isFinal() && view.build().status != BuildStatus.SUCCEEDED;
            return Outage.guard(queue.erased(id))
                    .invoke(erased -> {
                        if (ended && erased.source()) {
                            throw new SlipwayException(
                                    ErrorCode.SOURCE_GONE,
                                    "tried to retry build " + view.build().number
                                            + " but its source is kept no longer");
                        }
                        if (ended && erased.url()) {
                            throw new SlipwayException(
                                    ErrorCode.CREDENTIALS_REQUIRED,
                                    "tried to retry build " + view.build().number
                                            + " but its source was not fetched yet, and the password or query of its URL"
                                            + " was erased when it ended; hand the build in again");
                        }
                        if (ended
                                && erased.credentialsHost().isPresent()
                                && fresh.isEmpty()
                                && registries.credentialsFor(host).isEmpty()) {
                            throw new SlipwayException(
                                    ErrorCode.CREDENTIALS_REQUIRED,
                                    "tried to retry build " + view.build().number + " but its password for " + host
                                            + " was erased when it ended; send username and password with the retry");
                        }
                    })
                    .chain(() -> Outage.guard(queue.retry(id, fresh.map(c -> sealing.seal(id, c)))))
                    .chain(changed -> get(new BuildReference.ById(id)).invoke(now -> {
                        if (changed.isEmpty()) {
                            throw conflict(now, "retry");
                        }
                    }));
        });
    }

    /** Deletes the build's row and all that hangs on it; a queued one is cancelled by that, a running one refuses. */
    public Uni<UUID> delete(BuildReference reference) {
        return get(reference).chain(view -> Outage.guard(queue.delete(view.build().id))
                .invoke(deleted -> {
                    if (!deleted) {
                        throw conflict(view, "delete");
                    }
                })
                .replaceWith(view.build().id));
    }

    /** A user and a password that a retry brings. */
    public record RetryCredentials(String username, Secret password) {
        RegistryCredentials forRegistry(String host) {
            return new RegistryCredentials(host, username, password);
        }
    }

    private static SlipwayException notFound(BuildReference reference) {
        String which =
                switch (reference) {
                    case BuildReference.ById(UUID id) -> "with id " + id;
                    case BuildReference.ByNumber(long number) -> "number " + number;
                };
        return new SlipwayException(ErrorCode.NOT_FOUND, "tried to find the build " + which + " but there is none");
    }

    private static SlipwayException conflict(BuildView view, String what) {
        return new SlipwayException(
                ErrorCode.BUILD_STATE_CONFLICT,
                "tried to " + what + " build " + view.build().number + " but it is " + view.build().status);
    }
}
