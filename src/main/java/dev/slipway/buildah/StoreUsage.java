package dev.slipway.buildah;

/**
 * How much of the disk a slot's store takes.
 *
 * @param images bytes of images and layers, and of what buildah notes about them
 * @param cacheMounts bytes of what {@code RUN --mount=type=cache} keeps
 */
public record StoreUsage(long images, long cacheMounts) {
    /** All of it. */
    public long total() {
        return images + cacheMounts;
    }
}
