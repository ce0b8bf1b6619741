package dev.slipway.build;

import java.util.UUID;

/** A worker's right to a build: good only while the row still says so. {@code attempt} is the fencing token. */
public record BuildClaim(UUID id, int attempt, String owner) {}
