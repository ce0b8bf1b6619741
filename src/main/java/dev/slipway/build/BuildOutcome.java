package dev.slipway.build;

import dev.slipway.error.ErrorCode;
import java.util.Optional;

/** How one attempt of a build ended. */
public sealed interface BuildOutcome {
    /** Every target is pushed, or was superseded. */
    record Succeeded(String imageId) implements BuildOutcome {}

    /**
     * It failed.
     *
     * @param detail "tried to … but …"
     * @param exitCode of the process that failed
     * @param staged the image that BUILD made, where it waits in the stage to be pushed by a retry
     */
    record Failed(
            ErrorCode code, String detail, Optional<Step> step, Optional<Integer> exitCode, Optional<String> staged)
            implements BuildOutcome {}

    /** It was asked to stop, and its processes are gone. */
    record Cancelled() implements BuildOutcome {}

    /** It goes back to the queue; a shutdown is not a crash, a sandbox that died without a reason is one. */
    record HandedBack(String reason, boolean crashed) implements BuildOutcome {}
}
