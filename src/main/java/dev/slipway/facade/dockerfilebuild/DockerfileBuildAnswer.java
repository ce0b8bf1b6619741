package dev.slipway.facade.dockerfilebuild;

import dev.slipway.build.Build;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What this format says of builds, and of what it refuses. */
final class DockerfileBuildAnswer {
    private static final String STARTING = "Build is starting";
    private static final String BUILT = "Image successfully built. To be published.";
    private static final String PUSHED = "Docker Image is successfully pushed to Docker Hub.";
    private static final List<String> OWN_FIELDS = List.of("username", "docker_username", "docker_repo", "file");
    /** What is wrong with a Dockerfile, or with the images that it names, though nobody calls it a field. */
    private static final Set<ErrorCode> OF_THE_FILE = EnumSet.of(
            ErrorCode.DOCKERFILE_POLICY,
            ErrorCode.DOCKERFILE_MISSING,
            ErrorCode.IMAGE_NAME_INVALID,
            ErrorCode.ARCHIVE_TOO_LARGE);

    private DockerfileBuildAnswer() {}

    static JsonObject one(Build build) {
        return new JsonObject().put("data", data(build));
    }

    static JsonObject all(List<Build> builds) {
        return new JsonObject()
                .put(
                        "data",
                        new JsonArray(
                                builds.stream().map(DockerfileBuildAnswer::data).toList()));
    }

    /** A build of another format has no user and no file; the rest can be told of it as well. */
    private static JsonObject data(Build build) {
        JsonObject own =
                build.origin.equals(DockerfileBuildFormat.NAME) ? new JsonObject(build.originFields) : new JsonObject();
        JsonObject data = new JsonObject().put("id", build.number);
        OWN_FIELDS.forEach(field -> data.put(field, own.getString(field)));
        return data.put("image_id", build.imageId)
                .put("status", status(build))
                .put("created_at", build.createdAt.toString());
    }

    static String status(Build build) {
        return switch (build.status) {
            case QUEUED, RUNNING -> build.isBuilt() ? BUILT : STARTING;
            case SUCCEEDED -> PUSHED;
            case FAILED, CANCELLED -> "Error: " + reason(build);
        };
    }

    private static String reason(Build build) {
        return build.errorCode.equals(ErrorCode.CANCELLED.slug()) ? "cancelled" : build.errorDetail;
    }

    static JsonObject message(String text) {
        return new JsonObject().put("message", text);
    }

    static JsonObject notBinary(String type) {
        return message("Content-Type is not valid. Expected binary data, actual header is "
                + (type == null ? "missing" : type));
    }

    static JsonObject notFound(String id) {
        return message("Dockerfile build process with 'id = " + id + "' is not found.");
    }

    static JsonObject deleted(String id) {
        return message(
                "Dockerfile, Docker Image and Database record was deleted successfully for 'dockerfile_build_id' = "
                        + id + ".");
    }

    static JsonObject nothingToDelete(String id) {
        return message("Missing 'dockerfile_build' in the Database with id = " + id + ".");
    }

    static JsonObject noId() {
        return message("Missing query parameter 'dockerfile_build_id' in the DELETE request");
    }

    /** Fields that were refused, each with what is wrong with it. */
    static JsonObject refused(Map<String, String> fields) {
        JsonObject errors = new JsonObject();
        fields.forEach((field, why) -> errors.put(field, new JsonArray(List.of(why))));
        return message("File is not valid").put("errors", errors);
    }

    /** The field of the form that a refusal is about; nothing where it is about the request as a whole. */
    static Optional<String> fieldAtFault(SlipwayException e) {
        String field = e.details().get("field");
        return field == null && OF_THE_FILE.contains(e.code()) ? Optional.of("file") : Optional.ofNullable(field);
    }
}
