package dev.slipway.source;

/** A source that arrived whole and was judged: its size and SHA-256 as stored, and the Dockerfile it is built by. */
public record StoredSource(SourceKind kind, long size, String sha256, Dockerfile dockerfile) {}
