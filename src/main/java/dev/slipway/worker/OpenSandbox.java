package dev.slipway.worker;

import dev.slipway.buildah.BuildahSandbox;

/** A sandbox that gets its attempt's heartbeats as long as it is open. */
record OpenSandbox(RunningAttempt attempt, Slot slot, BuildahSandbox sandbox) implements AutoCloseable {
    static OpenSandbox of(RunningAttempt attempt, Slot slot, BuildahSandbox sandbox) {
        OpenSandbox open = new OpenSandbox(attempt, slot, attempt.add(sandbox));
        try {
            attempt.awaitHeld(); // we may have been frozen while it opened: nothing runs in it before we know
            return open;
        } catch (AttemptEndedException e) {
            open.close();
            throw e;
        }
    }

    @Override
    public void close() {
        attempt.remove(sandbox);
        if (!sandbox.isOpen() || attempt.excess().isPresent()) {
            slot.doubt(); // something was killed while it had the store open
        }
        sandbox.close();
    }
}
