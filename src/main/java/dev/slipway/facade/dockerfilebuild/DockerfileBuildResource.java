package dev.slipway.facade.dockerfilebuild;

import dev.slipway.build.Build;
import dev.slipway.build.BuildFilter;
import dev.slipway.build.BuildReference;
import dev.slipway.build.Builds;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.MissingFieldsException;
import dev.slipway.http.Bodies;
import dev.slipway.http.HttpStatus;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Query;
import dev.slipway.image.Registries;
import dev.slipway.intake.Intake;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/** Builds as a collection: made from a Dockerfile, read by number, and deleted. */
@Path(DockerfileBuildFormat.PATH)
@Produces(MediaType.APPLICATION_JSON)
public class DockerfileBuildResource {
    private static final String ID = "dockerfile_build_id";
    /** A Dockerfile has at most 1 MiB; the rest is for what stands around it. */
    private static final long MAX_BODY = 2L << 20;
    /** How long a running build may take to stop before it is deleted. */
    private static final Duration TO_STOP = Duration.ofMinutes(1);

    private static final BuildFilter NEWEST = new BuildFilter(
            Optional.empty(), Optional.empty(), Optional.of(DockerfileBuildFormat.NAME), Long.MAX_VALUE, 1_000);

    private final Intake intake;
    private final Builds builds;
    private final Bodies bodies;
    private final Registries registries;

    DockerfileBuildResource(Intake intake, Builds builds, Bodies bodies, Registries registries) {
        this.intake = intake;
        this.builds = builds;
        this.bodies = bodies;
        this.registries = registries;
    }

    /** Builds a Dockerfile and pushes the image under its user's name. */
    @POST
    public Uni<RestResponse<String>> create(@Context HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        if (!MultipartReader.isMultipart(type)) {
            return Uni.createFrom().item(answer(400, DockerfileBuildAnswer.notBinary(type)));
        }
        return bodies.readWhole(
                        request,
                        MAX_BODY,
                        body -> DockerfileBuildForm.read(body, type, intake, registries.home(), Instant.now()))
                .chain(intake::queue)
                .map(view -> answer(202, DockerfileBuildAnswer.one(view.build())))
                .onFailure(MissingFieldsException.class)
                .recoverWithItem(e -> answer(400, DockerfileBuildAnswer.refused(e.fields())))
                .onFailure(DockerfileBuildResource::isOfAField)
                .recoverWithItem(e -> refusal((SlipwayException) e));
    }

    /** Shows the newest builds of this form, or the one that is asked for. */
    @GET
    public Uni<RestResponse<String>> get(@Context HttpServerRequest request) {
        Optional<String> asked = id(request);
        if (asked.isEmpty()) {
            return builds.rows(NEWEST).map(found -> answer(200, DockerfileBuildAnswer.all(found)));
        }
        String id = asked.get();
        return find(id).map(found -> found.map(build -> answer(200, DockerfileBuildAnswer.one(build)))
                .orElseGet(() -> answer(404, DockerfileBuildAnswer.notFound(id))));
    }

    /** Deletes a build of this form and all that belongs to it; where it runs it is cancelled first. */
    @DELETE
    public Uni<RestResponse<String>> delete(@Context HttpServerRequest request) {
        String id = id(request).orElse("");
        if (id.isBlank()) {
            return Uni.createFrom().item(answer(400, DockerfileBuildAnswer.noId()));
        }
        RestResponse<String> nothing = answer(400, DockerfileBuildAnswer.nothingToDelete(id));
        return find(id).chain(found -> found.filter(DockerfileBuildResource::isOwn)
                .map(build -> intake.cancelAndRemove(new BuildReference.ById(build.id), TO_STOP)
                        .map(gone -> answer(200, DockerfileBuildAnswer.deleted(id)))
                        .onFailure(DockerfileBuildResource::isNotFound) // somebody else was quicker
                        .recoverWithItem(nothing))
                .orElseGet(() -> Uni.createFrom().item(nothing)));
    }

    private static Optional<String> id(HttpServerRequest request) {
        List<String> ids = Query.parse(request.query()).stream()
                .filter(parameter -> parameter.getKey().equals(ID))
                .map(Map.Entry::getValue)
                .toList();
        if (ids.size() > 1) {
            throw SlipwayException.invalidField(
                    ID, "tried to read the query parameter `" + ID + "` but it is given twice");
        }
        return ids.stream().findFirst();
    }

    private Uni<Optional<Build>> find(String id) {
        return BuildReference.parse(id)
                .filter(BuildReference.ByNumber.class::isInstance)
                .map(number -> builds.get(number)
                        .map(view -> Optional.of(view.build()))
                        .onFailure(DockerfileBuildResource::isNotFound)
                        .recoverWithItem(Optional.empty()))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    /** Who deletes by this form's numbers, which have gaps, must not hit what was never its own. */
    private static boolean isOwn(Build build) {
        return build.origin.equals(DockerfileBuildFormat.NAME);
    }

    private static boolean isNotFound(Throwable e) {
        return e instanceof SlipwayException failure && failure.code() == ErrorCode.NOT_FOUND;
    }

    private static boolean isOfAField(Throwable e) {
        return e instanceof SlipwayException failure
                && DockerfileBuildAnswer.fieldAtFault(failure).isPresent();
    }

    private static RestResponse<String> refusal(SlipwayException e) {
        String field = DockerfileBuildAnswer.fieldAtFault(e).orElseThrow();
        int status = HttpStatus.of(e.code()) == 413 ? 413 : 400;
        return answer(status, DockerfileBuildAnswer.refused(Map.of(field, e.getMessage())));
    }

    private static RestResponse<String> answer(int status, JsonObject body) {
        return RestResponse.ResponseBuilder.create(RestResponse.Status.fromStatusCode(status), body.encode())
                .build();
    }
}
