package dev.slipway.worker;

import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.error.ErrorCode;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.process.CommandResult;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Commands of the current step that talk to a registry: what may pass is tried again, what is refused is not. */
final class RegistryCalls {
    private static final long PAUSE_NANOS = 200_000_000;

    private final StepRunner steps;
    private final RetryPolicy policy;

    RegistryCalls(StepRunner steps, RetryPolicy policy) {
        this.steps = steps;
        this.policy = policy;
    }

    /** Logs in to a registry. */
    Void login(BuildahSandbox sandbox, RegistryCredentials credentials) {
        run(
                () -> sandbox.login(credentials, steps.sink()),
                sandbox,
                ErrorCode.LOGIN_FAILED,
                "log in to " + credentials.registry() + " as " + credentials.username());
        return null;
    }

    /**
     * Runs a command and returns if it succeeded.
     *
     * @param tried what it was to do, for "tried to …"
     */
    void run(Supplier<CommandResult> command, BuildahSandbox sandbox, ErrorCode code, String tried) {
        for (int tries = 1; ; tries++) {
            CommandResult result = command.get();
            if (tries >= policy.tries() || !mayPass(result, sandbox)) {
                steps.check(result, sandbox, code, tries == 1 ? tried : tried + ", " + tries + " times,");
                return;
            }
            Duration delay = policy.delayAfter(tries);
            steps.say("tried to %s but it failed; trying again in %.1f s (%d of %d)"
                    .formatted(tried, delay.toMillis() / 1000.0, tries + 1, policy.tries()));
            pause(delay);
        }
    }

    private boolean mayPass(CommandResult result, BuildahSandbox sandbox) {
        return result instanceof CommandResult.Exited(int exit)
                && exit != 0
                && sandbox.isOpen()
                && RegistryTrouble.mayPass(steps.lastLine());
    }

    /** Waits, unless the attempt is stopped. */
    private void pause(Duration time) {
        long until = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            steps.checkNotStopped();
            LockSupport.parkNanos(Math.min(left, PAUSE_NANOS));
        }
        steps.checkNotStopped();
    }
}
