package dev.slipway.facade.upload;

import dev.slipway.build.Build;
import dev.slipway.build.BuildTarget;
import dev.slipway.build.BuildView;
import dev.slipway.error.ErrorCode;
import dev.slipway.http.Problem;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** An ended build as this format tells it. */
final class UploadAnswer {
    private static final int ACCEPTED = 202;
    private static final int OK = 200;
    private static final int UNPROCESSABLE = 422;
    private static final int SERVER_ERROR = 500;
    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;

    private UploadAnswer() {}

    static Response of(BuildView view, boolean respondAsync) {
        Build build = view.build();
        BuildTarget first = view.targets().getFirst();
        Response.ResponseBuilder response =
                switch (build.status) {
                    case SUCCEEDED -> json(OK, message(build, first, "Built and pushed " + first.image));
                    case QUEUED, RUNNING -> json(ACCEPTED, message(build, first, "Queued " + first.image));
                    case FAILED, CANCELLED -> failure(build);
                };
        if (respondAsync) {
            response.header("Preference-Applied", "respond-async");
        }
        // not location(): that one makes it absolute, with the host name that a proxy may have hidden
        return response.header(HttpHeaders.LOCATION, "/api/v1/builds/" + build.id)
                .build();
    }

    private static JsonObject message(Build build, BuildTarget first, String text) {
        return new JsonObject()
                .put("message", text)
                .put("id", build.id.toString())
                .put("image", first.image)
                .put("digest", first.digest);
    }

    private static Response.ResponseBuilder json(int status, JsonObject body) {
        return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(body.encode());
    }

    private static Response.ResponseBuilder failure(Build build) {
        ErrorCode code = ErrorCode.ofSlug(build.errorCode);
        Map<String, String> details = build.errorStep == null
                ? Map.of("build", build.id.toString())
                : Map.of("build", build.id.toString(), "step", build.errorStep.name());
        int status = status(code);
        JsonObject problem =
                new JsonObject(new Problem(code, build.errorDetail, details).toJson()).put("status", status);
        return Response.status(status).type(Problem.MEDIA_TYPE).entity(problem.encode());
    }

    private static int status(ErrorCode code) {
        return switch (code) {
            case BUILD_FAILED, DOCKERFILE_POLICY, DOCKERFILE_MISSING -> UNPROCESSABLE;
            case FETCH_FAILED, PULL_FAILED, LOGIN_FAILED, PUSH_FAILED -> BAD_GATEWAY;
            case TIMED_OUT -> GATEWAY_TIMEOUT;
            default -> SERVER_ERROR;
        };
    }
}
