package dev.slipway.source;

import java.time.Duration;
import java.util.UUID;

/**
 * A source in the store, with its stage.
 *
 * @param size in bytes
 * @param idle how long nothing was written there, by the file system's clock
 */
public record KeptSource(UUID build, long size, Duration idle) {}
