package dev.slipway.api;

import java.util.List;

/**
 * A page of builds.
 *
 * @param next the cursor of the next page; null on the last one
 */
public record BuildPage(List<BuildJson> items, String next) {}
