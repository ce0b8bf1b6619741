package dev.slipway.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.secret.Secret;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The workers' side of builds: claim, keep, tell, finish. Its methods block, so they are for worker threads; each is
 * one guarded statement, and what a worker says about a build that it no longer holds changes nothing.
 */
@ApplicationScoped
public class BuildQueue {
    private static final Logger LOG = Logger.getLogger(BuildQueue.class);
    /** A statement takes milliseconds; what takes this long is a database that is away. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(1);
    private static final String CANCELLED = "the build was cancelled while it ran";

    private static final BuildOutcome.Failed UNREADABLE = new BuildOutcome.Failed(
            ErrorCode.INTERNAL,
            "tried to read what was queued but it cannot be read any more (a changed secret key makes passwords unreadable);"
                    + " the service's log says more",
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private final QueueRepository repository;
    private final SubmissionRepository submissions;
    private final PushTurnRepository turns;
    private final SealedCredentials credentials;
    private final BuildConfig config;
    private final ObjectMapper json;
    private final QueueHead head;

    BuildQueue(
            QueueRepository repository,
            SubmissionRepository submissions,
            PushTurnRepository turns,
            SealedCredentials credentials,
            BuildConfig config,
            ObjectMapper json) {
        this.repository = repository;
        this.submissions = submissions;
        this.turns = turns;
        this.credentials = credentials;
        this.config = config;
        this.json = json;
        this.head = new QueueHead(config.poll());
    }

    /** Claims the build that has waited longest; empty where none waits. */
    public Optional<ClaimedBuild> claim(String owner) {
        return head.next(since -> await(repository.claim(owner, config.lease(), since)))
                .flatMap(found -> {
                    BuildClaim claim = new BuildClaim(found.id(), found.attempt(), owner);
                    try {
                        return Optional.of(claimed(found, claim));
                    } catch (RuntimeException e) {
                        LOG.errorf(e, "build %s cannot be read", found.id());
                        await(repository.fail(claim, UNREADABLE));
                        return Optional.empty();
                    }
                });
    }

    /** The next claim looks for builds that came back, too, which otherwise are found within a poll. */
    void lookAtAll() {
        head.lookAtAll();
    }

    private ClaimedBuild claimed(QueueRepository.Claimed found, BuildClaim claim) {
        return new ClaimedBuild(
                claim,
                found.number(),
                options(found.options()),
                found.repository(),
                found.targets(),
                found.staged(),
                found.credentials().map(c -> credentials.open(found.id(), c)),
                new ClaimedBuild.Source(found.sourceUrl().map(url -> wholeUrl(found, url)), found.stripRoot()));
    }

    private Secret wholeUrl(QueueRepository.Claimed found, String url) {
        return found.sealedUrl()
                .map(bytes -> credentials.openUrl(found.id(), bytes))
                .orElseGet(() -> Secret.of(url));
    }

    private BuildOptions options(String text) {
        try {
            return json.readValue(text, BuildOptions.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("tried to read a build's options but they are not ours", e);
        }
    }

    /** What the database says about the builds that an owner holds. */
    public enum Hold {
        /** Go on. */
        KEPT,
        /** Go on to the end of it: somebody asked for that. */
        CANCEL_REQUESTED
    }

    /** Renews the leases of claims of one owner; a claim that is not in the answer is lost. */
    public Map<BuildClaim, Hold> renew(List<BuildClaim> claims) {
        String owner = claims.getFirst().owner();
        return await(repository.renew(owner, claims.stream().map(BuildClaim::id).toList(), config.lease())).stream()
                .collect(Collectors.toMap(
                        held -> new BuildClaim(held.id(), held.attempt(), owner),
                        held -> held.cancelRequested() ? Hold.CANCEL_REQUESTED : Hold.KEPT));
    }

    /** Renews the lease of one claim; false where the claim is lost. */
    public boolean renew(BuildClaim claim) {
        return insist(repository.renew(claim.owner(), List.of(claim.id()), config.lease())).stream()
                .anyMatch(held -> held.attempt() == claim.attempt());
    }

    /** Whether there still is such a build, whoever has it. */
    public boolean exists(UUID build) {
        return insist(submissions.exists(build));
    }

    /** Notes that the attempt's {@code position}-th step began; false where the claim is lost. */
    public boolean beginStep(BuildClaim claim, int position, Step step) {
        return insist(repository.beginStep(claim, position, step));
    }

    /** Notes how the step ended. */
    public void endStep(BuildClaim claim, int position, boolean succeeded) {
        insist(repository.endStep(claim, position, succeeded));
    }

    /** Notes that the source is stored now, and forgets what its URL kept secret; false where the claim is lost. */
    public boolean fetched(BuildClaim claim, long size, String sha256) {
        return insist(repository.fetched(claim, size, sha256));
    }

    /** Notes the image that BUILD made; false where the claim is lost. */
    public boolean built(BuildClaim claim, String imageId) {
        return insist(repository.built(claim, imageId));
    }

    /** Notes that a target is in its registry, under this digest; false where the claim is lost. */
    public boolean pushed(BuildClaim claim, ClaimedBuild.Target target, String digest) {
        return insist(repository.endTarget(claim, target.position(), TargetStatus.PUSHED, digest, null));
    }

    /** Notes why a target is not in its registry; false where the claim is lost. */
    public boolean notPushed(BuildClaim claim, ClaimedBuild.Target target, TargetStatus status, String why) {
        return insist(repository.endTarget(claim, target.position(), status, null, why));
    }

    /** Ends an attempt. False where the claim is lost: then nothing was changed, and nothing may follow. */
    public boolean finish(BuildClaim claim, BuildOutcome outcome) {
        if (outcome instanceof BuildOutcome.Failed failed) {
            LOG.infof("build %s failed: %s: %s", claim.id(), failed.code().slug(), failed.detail());
        }
        List<QueueRepository.Changed> changed =
                switch (outcome) {
                    case BuildOutcome.Succeeded(String imageId) -> await(repository.succeed(claim, imageId));
                    case BuildOutcome.Failed failed -> await(repository.fail(claim, failed));
                    case BuildOutcome.Cancelled() -> await(repository.cancelRunning(claim, CANCELLED));
                    case BuildOutcome.HandedBack(String reason, boolean crashed) -> handBack(claim, reason, crashed);
                };
        boolean held = !changed.isEmpty();
        if (!held) {
            LOG.infof("build %s: attempt %d is no longer ours, its result is dropped", claim.id(), claim.attempt());
        }
        return held;
    }

    /** A build that somebody cancelled meanwhile, or that has crashed too often, does not go back but ends. */
    private List<QueueRepository.Changed> handBack(BuildClaim claim, String reason, boolean crashed) {
        LOG.infof("build %s goes back to the queue: %s", claim.id(), reason);
        List<QueueRepository.Changed> changed = await(repository.handBack(claim, crashed, config.maxCrashes()));
        if (changed.isEmpty()) {
            changed = await(repository.cancelRunning(claim, CANCELLED));
        }
        if (changed.isEmpty()) {
            changed = await(repository.fail(
                    claim,
                    new BuildOutcome.Failed(
                            ErrorCode.WORKER_CRASHED,
                            "tried to run the build " + config.maxCrashes() + " times but each time it ended early: "
                                    + reason,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty())));
        }
        return changed;
    }

    /**
     * Takes builds away from owners that are known to be {@code dead}, and from those whose lease ran out: they go back
     * to the queue, or end where they were cancelled or have crashed too often.
     *
     * @param expired whether leases are judged at all
     * @return the attempts that were lost
     */
    public List<BuildClaim> rescue(List<String> dead, boolean expired) {
        List<QueueRepository.Changed> rescued = await(repository.rescue(dead, expired, config.maxCrashes()));
        if (!rescued.isEmpty()) {
            lookAtAll();
        }
        return rescued.stream()
                .map(build -> new BuildClaim(build.id(), build.attempt(), ""))
                .toList();
    }

    /** Every owner that holds a build. */
    public List<String> owners() {
        return await(repository.owners());
    }

    /** Whose turn it is to push a target. */
    public enum Turn {
        /** Ours: push, then {@link #endTurn}. */
        OURS,
        /** Another build is pushing it: ask again. */
        BUSY,
        /** A build that was queued later has pushed it: the tag does not move back. */
        SUPERSEDED
    }

    /** Takes the turn to push a target where it is free, so that two builds never push one tag at once. */
    public Turn takeTurn(ClaimedBuild build, ClaimedBuild.Target target) {
        return insist(turns.take(build.claim(), target.image().toString()));
    }

    /** Gives the turn back; {@code pushed} if the tag is this build's now. */
    public void endTurn(ClaimedBuild build, ClaimedBuild.Target target, boolean pushed) {
        insist(turns.end(build.claim(), target.image().toString(), pushed));
    }

    /** Asks again while the database is away, as long as a lease lives: by then the claim is another's. */
    private <T> T insist(Uni<T> statement) {
        try {
            return statement
                    .onFailure(QueueRepository::isTransient)
                    .retry()
                    .withBackOff(FIRST_RETRY, LAST_RETRY)
                    .expireIn(config.lease().toMillis())
                    .await()
                    .atMost(PATIENCE.plus(config.lease()));
        } catch (RuntimeException e) {
            throw new SlipwayException(
                    ErrorCode.UNAVAILABLE, "tried to note how a build goes on but the database does not answer", e);
        }
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(PATIENCE);
    }
}
