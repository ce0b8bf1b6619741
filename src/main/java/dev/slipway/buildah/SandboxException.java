package dev.slipway.buildah;

import java.io.Serial;

/** The system did not let us make a sandbox, and why. */
public final class SandboxException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    SandboxException(String message) {
        super(message);
    }
}
