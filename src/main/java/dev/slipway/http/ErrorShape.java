package dev.slipway.http;

/**
 * How errors look under the paths of one foreign wire format. A facade offers one as a CDI bean; it is asked for every
 * error under its paths, the framework's own included. Elsewhere errors are problem+json.
 */
public interface ErrorShape {
    /** Whether requests for this path (decoded, without query) are of this format. */
    boolean handles(String path);

    /** The error in this format. */
    ErrorAnswer render(Problem problem);
}
