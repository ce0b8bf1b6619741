package dev.slipway.build;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a build is to be made, beyond its source and targets.
 *
 * @param context the subdirectory of the source that is the context
 * @param dockerfilePath the Dockerfile's path within the context
 * @param buildArgs values of ARG; they stay readable in the image's history
 * @param labels labels of the image
 * @param target the stage at which to stop
 * @param platform for example {@code linux/arm64}
 * @param noCache whether no layer of an earlier build may be used
 * @param pull whether base images are asked for again even if they are there
 * @param timeout how long BUILD may take
 */
@RegisterForReflection // kept as JSON
public record BuildOptions(
        Optional<String> context,
        Optional<String> dockerfilePath,
        Map<String, String> buildArgs,
        Map<String, String> labels,
        Optional<String> target,
        Optional<String> platform,
        boolean noCache,
        boolean pull,
        Optional<Duration> timeout) {
    /** Nothing but defaults. */
    public static final BuildOptions DEFAULT = new BuildOptions(
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            Optional.empty());
}
