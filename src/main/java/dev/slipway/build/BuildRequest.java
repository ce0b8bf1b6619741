package dev.slipway.build;

import dev.slipway.image.ImageReference;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.secret.Secret;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A build that is about to be queued; its source is stored already, under the same id, or to be fetched.
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
    /** What was handed in. */
    public sealed interface Source {}

    /**
     * A source that is here.
     *
     * @param kind ARCHIVE or DOCKERFILE
     * @param size in bytes
     */
    public record Stored(String kind, long size, String sha256) implements Source {}

    /**
     * A source that is still to be fetched.
     *
     * @param url without user info and query
     * @param secret the URL with them, where it has some
     * @param identity the URL without user info: what makes two requests the same
     * @param stripRoot whether the only directory at the archive's top is the source's root
     */
    public record Remote(String url, Optional<Secret> secret, Secret identity, boolean stripRoot) implements Source {}

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
