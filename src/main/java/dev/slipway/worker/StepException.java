package dev.slipway.worker;

import dev.slipway.error.ErrorCode;
import java.io.Serial;
import java.util.Optional;

/** A step that failed for a reason the user is told. */
final class StepException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final Integer exitCode;

    StepException(ErrorCode code, String detail) {
        this(code, detail, null);
    }

    StepException(ErrorCode code, String detail, Integer exitCode) {
        super(detail);
        this.code = code;
        this.exitCode = exitCode;
    }

    ErrorCode code() {
        return code;
    }

    Optional<Integer> exitCode() {
        return Optional.ofNullable(exitCode);
    }
}
