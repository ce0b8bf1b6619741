package dev.slipway.facade.dockerfilebuild;

import dev.slipway.http.ErrorAnswer;
import dev.slipway.http.Problem;
import dev.slipway.http.WireFormat;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Singleton;

/** Format D's place at the edge: its one path, and errors as {@code {"message":…}}. */
@Singleton
class DockerfileBuildFormat implements WireFormat {
    static final String NAME = "dockerfile-build";
    static final String PATH = "/api/dockerfile-build";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean handles(String path) {
        return path.equals(PATH) || path.startsWith(PATH + "/");
    }

    @Override
    public ErrorAnswer render(Problem problem) {
        return new ErrorAnswer(
                problem.status(),
                "application/json",
                new JsonObject().put("message", problem.detail()).encode());
    }
}
