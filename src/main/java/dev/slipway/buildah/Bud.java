package dev.slipway.buildah;

import java.util.Map;
import java.util.Optional;

/**
 * What BUILD is asked for.
 *
 * @param context the subdirectory of the source that is the context
 * @param dockerfile the Dockerfile's path within the context
 */
public record Bud(
        Optional<String> context,
        String dockerfile,
        Map<String, String> buildArgs,
        Map<String, String> labels,
        Optional<String> target,
        Optional<String> platform,
        boolean noCache) {}
