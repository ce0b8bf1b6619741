package dev.slipway.buildah;

import java.nio.file.Path;

/**
 * What a slot keeps between builds, in directories of its own.
 *
 * @param storage containers/storage's graph root: layers and images
 * @param blobCache buildah's memory of which registry has which layer
 * @param cacheMounts what {@code RUN --mount=type=cache} keeps
 */
public record Store(Path storage, Path blobCache, Path cacheMounts) {
    /** The directories below a slot's. */
    public static Store in(Path slot) {
        return new Store(slot.resolve("storage"), slot.resolve("blob-cache"), slot.resolve("cache-mounts"));
    }
}
