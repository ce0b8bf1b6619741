package dev.slipway.source;

/** In which form a source was handed in. */
public enum SourceKind {
    /** A tar, compressed or not. */
    ARCHIVE,
    /** A Dockerfile's text, with or without extra files. */
    DOCKERFILE,
    /** The address of a tar, fetched when the build runs. */
    URL
}
