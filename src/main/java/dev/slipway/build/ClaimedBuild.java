package dev.slipway.build;

import dev.slipway.image.ImageReference;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.secret.Secret;
import java.util.List;
import java.util.Optional;

/**
 * A build that a worker has just claimed: all that it needs to run it.
 *
 * @param repository the first target's name without its tag: builds of one repository are likely to share layers
 * @param targets those that are still to be pushed; none, where a worker died between its last push and the end
 * @param staged the image id of an earlier attempt's stage: nothing but pushing is left to do
 * @param credentials the request's own, for the first target's registry
 */
public record ClaimedBuild(
        BuildClaim claim,
        long number,
        BuildOptions options,
        String repository,
        List<Target> targets,
        Optional<String> staged,
        Optional<RegistryCredentials> credentials,
        Source source) {
    /**
     * Where the source is to be had.
     *
     * @param toFetch its URL, where it is not stored yet
     * @param stripRoot whether the only directory at the archive's top is the source's root
     */
    public record Source(Optional<Secret> toFetch, boolean stripRoot) {}

    /**
     * A target that is still to be pushed.
     *
     * @param position among all of the build's targets, from 0
     */
    public record Target(int position, ImageReference image) {}
}
