package dev.slipway.build;

import java.time.Duration;
import java.util.UUID;

/** A build that has ended, and how long ago by the database's clock. */
public record FinishedBuild(UUID id, Duration age) {}
