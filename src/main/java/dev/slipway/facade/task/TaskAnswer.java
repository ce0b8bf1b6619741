package dev.slipway.facade.task;

import dev.slipway.build.Build;
import dev.slipway.build.BuildView;
import dev.slipway.error.ErrorCode;
import dev.slipway.image.ImageReference;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/** What this format says of builds. */
final class TaskAnswer {
    private static final Set<String> DOCKER_HUB =
            Set.of(ImageReference.DOCKER_HUB, "index.docker.io", "registry-1.docker.io");

    private TaskAnswer() {}

    /** A build that was queued, with what its form held. */
    static JsonObject accepted(Build build, JsonObject files) {
        JsonObject data = new JsonObject()
                .put(TaskForm.DOCKERFILE, new JsonObject(build.originFields).getString(TaskForm.DOCKERFILE))
                .put(TaskForm.FILES, files);
        return new JsonObject()
                .put("task_id", build.id.toString())
                .put("image_reference", Target.of(build).reference())
                .put("status", "Sent to processing queue")
                .put("data", data);
    }

    /** How far a build is, whatever the format it came through; {@code insecure} are the registries without TLS. */
    static JsonObject status(BuildView view, Set<String> insecure) {
        Build build = view.build();
        return switch (build.status) {
            case QUEUED, RUNNING -> new JsonObject().put("status", "processing");
            case SUCCEEDED -> success(build, view.targets().getFirst().image, insecure);
            case FAILED, CANCELLED -> failed(build);
        };
    }

    private static JsonObject success(Build build, String image, Set<String> insecure) {
        return new JsonObject()
                .put("status", "success")
                .put("image_url", url(ImageReference.qualified(image), insecure))
                .put(
                        "image_reference",
                        build.origin.equals(TaskFormat.NAME) ? Target.of(build).reference() : image);
    }

    private static String url(ImageReference image, Set<String> insecure) {
        if (DOCKER_HUB.contains(image.registry())) {
            return "https://hub.docker.com/r/" + image.repository();
        }
        return (insecure.contains(image.registry()) ? "http://" : "https://") + image.name();
    }

    private static JsonObject failed(Build build) {
        boolean isCancelled = build.errorCode.equals(ErrorCode.CANCELLED.slug());
        return new JsonObject()
                .put("status", "failed")
                .put("step", build.isBuilt() ? "push" : "build")
                .put("error", isCancelled ? "cancelled" : build.errorDetail);
    }
}
