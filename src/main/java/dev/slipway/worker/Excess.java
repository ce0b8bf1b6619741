package dev.slipway.worker;

import dev.slipway.error.ErrorCode;
import java.util.Optional;

/**
 * Which limit a build went over, for which it was ended.
 *
 * @param code what that failure is called; where it is empty, the step's own
 * @param why continues "tried to … but "
 */
record Excess(Optional<ErrorCode> code, String why) {
    static Excess of(String why) {
        return new Excess(Optional.empty(), why);
    }

    static Excess ofDisk(String why) {
        return new Excess(Optional.of(ErrorCode.STORAGE_FULL), why);
    }
}
