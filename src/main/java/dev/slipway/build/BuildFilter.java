package dev.slipway.build;

import java.util.Optional;

/**
 * Which builds a list shows.
 *
 * @param image a resolved reference; without a tag it stands for all tags
 * @param origin the wire format's name
 * @param below only builds with a lower number: where the last page ended
 * @param limit how many at most
 */
public record BuildFilter(
        Optional<BuildStatus> status, Optional<String> image, Optional<String> origin, long below, int limit) {
    /** The same with one more, to see whether another page follows. */
    public BuildFilter plusOne() {
        return new BuildFilter(status, image, origin, below, limit + 1);
    }
}
