package dev.slipway;

import dev.slipway.error.SlipwayException;
import io.quarkus.runtime.QuarkusBindException;

/** Why the service did not start, as one message for the person who started it. */
final class StartupFailure {
    private StartupFailure() {}

    static String message(Throwable failure) {
        Throwable cause = failure;
        while (true) {
            if (isOurs(cause)) {
                return cause.getMessage();
            }
            if (cause instanceof QuarkusBindException bind) {
                return "tried to listen on " + bind.getHost() + ":" + bind.getPort()
                        + " but it could not: another process listens" + " there, or the address is not ours";
            }
            if (cause.getCause() == null || cause.getCause() == cause) {
                return "tried to start but it failed: " + cause;
            }
            cause = cause.getCause();
        }
    }

    private static boolean isOurs(Throwable cause) {
        boolean saysWhatWasTried =
                cause.getMessage() != null && cause.getMessage().startsWith("tried to ");
        return cause instanceof SlipwayException || saysWhatWasTried;
    }
}
