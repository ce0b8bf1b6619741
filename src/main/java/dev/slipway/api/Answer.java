package dev.slipway.api;

import dev.slipway.build.BuildView;
import java.util.Optional;

/**
 * A build as it goes out.
 *
 * @param preference what was honoured of the request's Prefer header
 */
record Answer(BuildView build, Optional<String> preference) {
    static Answer of(BuildView build) {
        return new Answer(build, Optional.empty());
    }

    boolean ended() {
        return build.build().status.isFinal();
    }
}
