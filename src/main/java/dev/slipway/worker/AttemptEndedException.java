package dev.slipway.worker;

import java.io.Serial;

/** The attempt cannot go on, and it is not the build's fault: it was stopped, or its sandbox died under it. */
final class AttemptEndedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    AttemptEndedException(String message) {
        super(message);
    }
}
