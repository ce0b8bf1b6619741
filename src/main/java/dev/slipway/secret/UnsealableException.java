package dev.slipway.secret;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.Serial;

/** A sealed secret that does not open: the wrong key, the wrong row, or changed bytes. */
public final class UnsealableException extends SlipwayException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnsealableException(String why) {
        super(ErrorCode.INTERNAL, "tried to decrypt a stored secret but " + why);
    }
}
