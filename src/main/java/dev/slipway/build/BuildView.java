package dev.slipway.build;

import java.util.List;
import java.util.OptionalLong;

/**
 * A build with all that belongs to it, as it was at one moment.
 *
 * @param queuePosition 1 for the next one to be claimed; empty unless it is queued
 */
public record BuildView(Build build, List<BuildTarget> targets, List<BuildStep> steps, OptionalLong queuePosition) {}
