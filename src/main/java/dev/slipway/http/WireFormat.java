package dev.slipway.http;

/**
 * A foreign wire format at the edge: what it is called, which paths are its own, and how errors look there. A facade
 * offers one as a CDI bean; the shape is asked for every error under its paths, the framework's own included.
 */
public interface WireFormat {
    /** Its name in settings and in the builds that came through it, for example {@code upload}. */
    String name();

    /** Whether requests for this path (decoded, without query) are of this format. */
    boolean handles(String path);

    /** The error in this format; problem+json, as everywhere else, unless it has a shape of its own. */
    default ErrorAnswer render(Problem problem) {
        return problem.toAnswer();
    }
}
