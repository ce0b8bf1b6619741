package dev.slipway.facade.task;

import dev.slipway.build.BuildReference;
import dev.slipway.build.Builds;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.image.Registries;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.UUID;

/** The status of tasks, which are builds by their ids. */
@Path("/status")
public class TaskResource {
    private final Builds builds;
    private final Registries registries;

    TaskResource(Builds builds, Registries registries) {
        this.builds = builds;
        this.registries = registries;
    }

    /** Says how far a build is. */
    @GET
    @Path("{task_id}")
    public Uni<Response> status(@PathParam("task_id") String id) {
        return builds.get(reference(id)).map(view -> json(TaskAnswer.status(view, registries.insecure())));
    }

    /** Whatever Accept says, as its clients are used to. */
    static Response json(JsonObject body) {
        return Response.ok(body.encode(), MediaType.APPLICATION_JSON_TYPE).build();
    }

    private static BuildReference reference(String id) {
        try {
            return new BuildReference.ById(UUID.fromString(id));
        } catch (IllegalArgumentException e) {
            throw new SlipwayException(
                    ErrorCode.NOT_FOUND, "tried to find a task by its id but this is not the form of one");
        }
    }
}
