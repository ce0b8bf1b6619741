package dev.slipway.facade.job;

import dev.slipway.http.ErrorAnswer;
import dev.slipway.http.Problem;
import dev.slipway.http.WireFormat;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;

/** Format C's place at the edge: three paths between our own, and errors as {@code {"Error":…}}. */
@Singleton
class JobFormat implements WireFormat {
    static final String NAME = "job";
    private static final Pattern PATHS = Pattern.compile("/api/v1/(?:build|(?!builds/)[^/]+/(?:status|logs))/?");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean handles(String path) {
        return PATHS.matcher(path).matches();
    }

    @Override
    public ErrorAnswer render(Problem problem) {
        return new ErrorAnswer(
                problem.status(),
                "application/json",
                new JsonObject().put("Error", problem.detail()).encode());
    }
}
