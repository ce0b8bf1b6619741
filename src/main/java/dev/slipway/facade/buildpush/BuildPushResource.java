package dev.slipway.facade.buildpush;

import dev.slipway.build.BuildReference;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.Builds;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.MissingFieldsException;
import dev.slipway.http.Bodies;
import dev.slipway.http.BodyWork;
import dev.slipway.http.Form;
import dev.slipway.http.HttpStatus;
import dev.slipway.image.Registries;
import dev.slipway.intake.Intake;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import java.util.UUID;

/** A Dockerfile in, its status by query, and retries. */
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
public class BuildPushResource {
    private final Intake intake;
    private final Builds builds;
    private final Bodies bodies;
    private final Registries registries;

    BuildPushResource(Intake intake, Builds builds, Bodies bodies, Registries registries) {
        this.intake = intake;
        this.builds = builds;
        this.bodies = bodies;
        this.registries = registries;
    }

    /** Builds a Dockerfile and pushes the image under the service's own namespace. */
    @POST
    @Path("build-push")
    public Uni<String> start(@Context HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        BodyWork<BuildRequest> reading = body -> BuildPushForm.read(body, type, intake, registries.home());
        return (Form.isUrlEncoded(type)
                        ? bodies.readWhole(request, Form.MAX_URL_ENCODED, reading)
                        : bodies.read(request, reading))
                .chain(intake::queue)
                .map(view -> BuildPushAnswer.started(view.build()))
                .onFailure(BuildPushResource::isRefusal)
                .recoverWithItem(BuildPushResource::refusal)
                .map(JsonObject::encode);
    }

    /** Says how far a build and its push are. */
    @GET
    @Path("build-push-status")
    public Uni<String> status(@QueryParam("build_id") String id) {
        if (isMissing(id)) {
            return answer(BuildPushAnswer.refused("Invalid input"));
        }
        return found(id)
                .map(reference -> builds.get(reference)
                        .map(view -> BuildPushAnswer.status(view.build()))
                        .onFailure(e -> isCode(e, ErrorCode.NOT_FOUND))
                        .recoverWithItem(BuildPushAnswer.refused("Invalid build id"))
                        .map(JsonObject::encode))
                .orElseGet(() -> answer(BuildPushAnswer.refused("Invalid build id")));
    }

    /** Runs a failed build again, from where it failed. */
    @GET
    @Path("retry-build")
    public Uni<String> retry(@QueryParam("build_id") String id) {
        if (isMissing(id)) {
            return answer(BuildPushAnswer.refused("Please provide the build_id", null));
        }
        return found(id)
                .map(reference -> intake.retry(reference, Optional.empty())
                        .map(view -> BuildPushAnswer.restarted(id))
                        .onFailure(BuildPushResource::isRefusal)
                        .recoverWithItem(e -> retryRefusal((SlipwayException) e, id))
                        .map(JsonObject::encode))
                .orElseGet(() -> answer(unknown(id)));
    }

    private static JsonObject retryRefusal(SlipwayException e, String id) {
        return switch (e.code()) {
            case NOT_FOUND -> unknown(id);
            case BUILD_STATE_CONFLICT -> BuildPushAnswer.refused("Build and Push not failed", id);
            default -> BuildPushAnswer.refused(e.getMessage(), id);
        };
    }

    private static JsonObject unknown(String id) {
        return BuildPushAnswer.refused("Build with id " + id + " does not exist", id);
    }

    private static JsonObject refusal(Throwable e) {
        return e instanceof MissingFieldsException missing
                ? BuildPushAnswer.refused(missing.fields())
                : BuildPushAnswer.refused((SlipwayException) e);
    }

    /** What is the caller's to mend. That the service cannot do it now, or does not know the type, is HTTP's to say. */
    private static boolean isRefusal(Throwable e) {
        return e instanceof MissingFieldsException
                || e instanceof SlipwayException failure
                        && HttpStatus.of(failure.code()) < 500
                        && failure.code() != ErrorCode.UNSUPPORTED_MEDIA_TYPE
                        && failure.code() != ErrorCode.REQUEST_TIMEOUT;
    }

    private static boolean isCode(Throwable e, ErrorCode code) {
        return e instanceof SlipwayException failure && failure.code() == code;
    }

    private static boolean isMissing(String id) {
        return id == null || id.isBlank();
    }

    private static Optional<BuildReference> found(String id) {
        try {
            return Optional.of(new BuildReference.ById(UUID.fromString(id)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Uni<String> answer(JsonObject body) {
        return Uni.createFrom().item(body.encode());
    }
}
