package dev.slipway.worker;

import java.util.regex.Pattern;

/**
 * What buildah says of a registry that did not do what it was asked for: trouble that may be over a little later, or a
 * refusal that will be the same. buildah has one exit code for both.
 */
final class RegistryTrouble {
    private static final Pattern REFUSAL = pattern(
            "unauthorized",
            "authentication required",
            "invalid username/password",
            "denied",
            "manifest unknown",
            "name unknown",
            "blob unknown",
            "manifest invalid",
            "certificate");

    private static final Pattern PASSING = pattern(
            "connection refused",
            "connection reset",
            "connection timed out",
            "broken pipe",
            "no route to host",
            "network is unreachable",
            "temporary failure in name resolution",
            "server misbehaving",
            "i/o timeout",
            "handshake timeout",
            "timeout awaiting response",
            "Client\\.Timeout",
            "\\bEOF\\b",
            "goaway",
            "use of closed network connection",
            "toomanyrequests",
            "too many requests",
            "status(?: code)?(?: from registry)?:? (?:408|425|429|5\\d\\d)\\b",
            "internal server error",
            "bad gateway",
            "service unavailable",
            "gateway time-?out");

    private RegistryTrouble() {}

    private static Pattern pattern(String... words) {
        return Pattern.compile(String.join("|", words), Pattern.CASE_INSENSITIVE);
    }

    /** Whether trying again may help, judged by the last line of the output. */
    static boolean mayPass(String said) {
        return !REFUSAL.matcher(said).find() && PASSING.matcher(said).find();
    }
}
