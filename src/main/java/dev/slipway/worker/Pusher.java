package dev.slipway.worker;

import dev.slipway.build.BuildOutcome;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.ClaimedBuild.Target;
import dev.slipway.build.Step;
import dev.slipway.build.TargetStatus;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.error.ErrorCode;
import dev.slipway.image.RegistryCredentials;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/** Pushes an image to each of its targets in turn; one that fails does not keep the others from being tried. */
final class Pusher {
    /** How often a tag that another build is pushing is asked for again. */
    private static final long TURN_POLL_NANOS = 200_000_000;

    private final RunningAttempt attempt;
    private final ClaimedBuild build;
    private final StepRunner steps;
    private final RegistryCalls registries;
    private final BuildQueue queue;
    private final Function<String, Optional<RegistryCredentials>> credentials;
    private Optional<Failure> failure = Optional.empty();
    private Consumer<BuildahSandbox> beforePush = sandbox -> {};

    Pusher(
            RunningAttempt attempt,
            StepRunner steps,
            RegistryCalls registries,
            BuildQueue queue,
            Function<String, Optional<RegistryCredentials>> credentials) {
        this.attempt = attempt;
        this.build = attempt.build();
        this.steps = steps;
        this.registries = registries;
        this.queue = queue;
        this.credentials = credentials;
    }

    /** The first target that failed, and why. */
    record Failure(StepException cause, Step step) {}

    /** Empty if no target failed. */
    Optional<Failure> failure() {
        return failure;
    }

    /** Runs within the first PUSH, before anything is sent. */
    void beforePush(Consumer<BuildahSandbox> preparation) {
        beforePush = preparation;
    }

    /** How the attempt ends once all targets were tried; what failed can be pushed from the stage by a retry. */
    BuildOutcome outcome(String imageId) {
        return failure.<BuildOutcome>map(failed -> new BuildOutcome.Failed(
                        failed.cause().code(),
                        failed.cause().getMessage(),
                        Optional.of(failed.step()),
                        failed.cause().exitCode(),
                        Optional.of(imageId)))
                .orElseGet(() -> new BuildOutcome.Succeeded(imageId));
    }

    /**
     * Pushes to each of the targets.
     *
     * @return those that could not be tried any more because one before them took too long, and its sandbox with it
     */
    List<Target> push(BuildahSandbox sandbox, String imageId, List<Target> targets) {
        for (int i = 0; i < targets.size(); i++) {
            Target target = targets.get(i);
            try {
                pushOne(sandbox, imageId, target);
            } catch (StepException e) {
                queue.notPushed(build.claim(), target, TargetStatus.FAILED, e.getMessage());
                if (failure.isEmpty()) {
                    failure = Optional.of(new Failure(e, steps.current().orElseThrow()));
                }
                if (!sandbox.isOpen()) {
                    return targets.subList(i + 1, targets.size());
                }
            }
        }
        return List.of();
    }

    private void pushOne(BuildahSandbox sandbox, String imageId, Target target) {
        if (awaitTurn(target) == BuildQueue.Turn.SUPERSEDED) {
            String why = "a build that was queued later has already pushed " + target.image();
            steps.say(Step.PUSH, why);
            queue.notPushed(build.claim(), target, TargetStatus.SUPERSEDED, why);
            return;
        }
        boolean pushed = false;
        try {
            String registry = target.image().registry();
            Optional<RegistryCredentials> found = credentials.apply(registry);
            if (found.isPresent() && !sandbox.isLoggedIn(registry)) {
                steps.run(Step.LOGIN, ErrorCode.LOGIN_FAILED, () -> registries.login(sandbox, found.get()));
            }
            String digest = steps.run(Step.PUSH, ErrorCode.PUSH_FAILED, () -> push(sandbox, imageId, target));
            pushed = true;
            if (!queue.pushed(build.claim(), target, digest)) {
                attempt.stop(RunningAttempt.Stop.LOST);
                throw new AttemptEndedException("the claim is lost");
            }
        } finally {
            queue.endTurn(build, target, pushed);
        }
    }

    private BuildQueue.Turn awaitTurn(Target target) {
        for (boolean told = false; ; told = true) {
            steps.checkNotStopped();
            BuildQueue.Turn turn = queue.takeTurn(build, target);
            if (turn != BuildQueue.Turn.BUSY) {
                return turn;
            }
            if (!told) {
                steps.say(Step.PUSH, "waiting until another build has pushed " + target.image());
            }
            LockSupport.parkNanos(TURN_POLL_NANOS);
        }
    }

    private String push(BuildahSandbox sandbox, String imageId, Target target) {
        beforePush.accept(sandbox);
        beforePush = prepared -> {};
        registries.run(
                () -> sandbox.push(imageId, target.image(), steps.sink()),
                sandbox,
                ErrorCode.PUSH_FAILED,
                "push " + target.image());
        String digest = sandbox.digest();
        steps.say("pushed " + target.image() + " as " + digest);
        return digest;
    }
}
