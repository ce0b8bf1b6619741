package dev.slipway.database;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.Serial;

/** A reason not to start, as one message for the person who started us. */
public final class StartupException extends SlipwayException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** A reason of the form "tried to … but …", with what to do about it. */
    public StartupException(String detail) {
        super(ErrorCode.UNAVAILABLE, detail);
    }

    /** The same with its cause. */
    public StartupException(String detail, Throwable cause) {
        super(ErrorCode.UNAVAILABLE, detail, cause);
    }
}
