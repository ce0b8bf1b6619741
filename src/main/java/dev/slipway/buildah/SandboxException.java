package dev.slipway.buildah;

import java.io.Serial;

/** The system did not let us make a sandbox, or did not let it live, and why. */
public final class SandboxException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** With the reason, as "tried to … but …". */
    public SandboxException(String message) {
        super(message);
    }
}
