package dev.slipway.build;

import dev.slipway.image.ImageReference;
import dev.slipway.image.RegistryCredentials;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A build that is about to be queued; its source is stored already, under the same id.
 *
 * @param targets where it is pushed; at least one
 * @param credentials the request's own, for the first target's registry
 * @param key the caller's name for the request
 */
public record BuildRequest(
        UUID id,
        List<ImageReference> targets,
        Source source,
        BuildOptions options,
        Optional<RegistryCredentials> credentials,
        Optional<IdempotencyKey> key,
        Origin origin) {
    /**
     * What was handed in.
     *
     * @param kind ARCHIVE, DOCKERFILE or URL
     * @param size in bytes
     */
    public record Source(String kind, long size, String sha256) {}

    /**
     * Through which wire format it came.
     *
     * @param fields that format's own fields as a JSON object, never secrets
     */
    public record Origin(String name, String fields) {
        /** Our own API. */
        public static final Origin API = new Origin("api", "{}");
    }
}
