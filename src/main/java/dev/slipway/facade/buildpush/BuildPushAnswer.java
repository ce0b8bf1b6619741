package dev.slipway.facade.buildpush;

import dev.slipway.build.Build;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.HttpStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** What this format says of builds. Its own refusals are HTTP 200 too: its clients read {@code status}. */
final class BuildPushAnswer {
    private static final String PENDING = "Pending";
    private static final String IN_PROGRESS = "In Progress";
    private static final String COMPLETED = "Completed";
    private static final String FAILED = "Failed";

    private BuildPushAnswer() {}

    static JsonObject started(Build build) {
        return ok("Build started").put("build_id", build.id.toString());
    }

    static JsonObject restarted(String id) {
        return ok("Rebuild started").put("build_id", id);
    }

    private static JsonObject ok(String message) {
        return new JsonObject().put("status", 200).put("message", message);
    }

    /** A refusal that names no field. */
    static JsonObject refused(String message) {
        return new JsonObject().put("status", 400).put("message", message);
    }

    /** A refusal that names the build it is about. */
    static JsonObject refused(String message, String id) {
        return refused(message).put("build_id", id);
    }

    /** Fields that were refused, each with what is wrong with it. */
    static JsonObject refused(Map<String, String> fields) {
        JsonObject message = new JsonObject();
        fields.forEach((field, why) -> message.put(field, new JsonArray(List.of(why))));
        return new JsonObject().put("status", 400).put("message", message);
    }

    /** What intake refused, under the field that it names; where it names none, the Dockerfile was at fault. */
    static JsonObject refused(SlipwayException e) {
        return refused(Map.of(e.details().getOrDefault("field", "file"), e.getMessage()))
                .put("status", HttpStatus.of(e.code()) == 413 ? 413 : 400);
    }

    static JsonObject status(Build build) {
        JsonObject status = new JsonObject().put("build_id", build.id.toString());
        switch (build.status) {
            case QUEUED -> both(status, build.isBuilt() ? COMPLETED : PENDING, PENDING);
            case RUNNING -> running(status, build);
            case SUCCEEDED -> both(status, COMPLETED, COMPLETED);
            case FAILED, CANCELLED -> failed(status, build);
        }
        return new JsonObject().put("status", 200).put("build_status", status);
    }

    private static void running(JsonObject status, Build build) {
        both(status, build.isBuilt() ? COMPLETED : IN_PROGRESS, build.isBuilt() ? IN_PROGRESS : PENDING);
    }

    /** Who polls for the push would wait for ever if a build that failed said nothing of it. */
    private static void failed(JsonObject status, Build build) {
        String reason = build.errorCode.equals(ErrorCode.CANCELLED.slug()) ? "cancelled" : build.errorDetail;
        boolean built = build.isBuilt() && !build.errorCode.equals(ErrorCode.CANCELLED.slug());
        both(status, built ? COMPLETED : FAILED, FAILED);
        if (!built) {
            status.put("Build Fail Reason", reason);
        }
        status.put("Push Fail Reason", reason);
    }

    private static void both(JsonObject status, String build, String push) {
        status.put("build_status", build).put("push_status", push);
    }
}
