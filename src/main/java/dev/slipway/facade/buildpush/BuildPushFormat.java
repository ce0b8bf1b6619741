package dev.slipway.facade.buildpush;

import dev.slipway.http.ErrorAnswer;
import dev.slipway.http.Problem;
import dev.slipway.http.WireFormat;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Singleton;
import java.util.Set;

/** Format B's place at the edge: its paths, and errors as {@code {"status":…,"message":…}}. */
@Singleton
class BuildPushFormat implements WireFormat {
    static final String NAME = "build-push";
    private static final Set<String> PATHS = Set.of("/build-push", "/build-push-status", "/retry-build");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean handles(String path) {
        return PATHS.contains(path.replaceFirst("/$", ""));
    }

    @Override
    public ErrorAnswer render(Problem problem) {
        return new ErrorAnswer(
                problem.status(),
                "application/json",
                new JsonObject()
                        .put("status", problem.status())
                        .put("message", problem.detail())
                        .encode());
    }
}
