package dev.slipway.facade.job;

import dev.slipway.build.Build;
import dev.slipway.build.BuildReference;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.build.Outage;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.Bodies;
import dev.slipway.http.BodyWork;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.StreamedAnswer;
import dev.slipway.http.Streams;
import dev.slipway.intake.Intake;
import dev.slipway.joblog.JobLog;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;

/** Jobs: a source in by JSON or as a tarball, and how far its job is. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
public class JobResource {
    private final Intake intake;
    private final Builds builds;
    private final JobLog log;
    private final Bodies bodies;
    private final Streams streams;
    private final JobConfig config;

    JobResource(Intake intake, Builds builds, JobLog log, Bodies bodies, Streams streams, JobConfig config) {
        this.intake = intake;
        this.builds = builds;
        this.log = log;
        this.bodies = bodies;
        this.streams = streams;
        this.config = config;
    }

    /** Begins a job. */
    @POST
    @Path("build")
    public Uni<String> start(@Context HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        BodyWork<BuildRequest> reading = body -> JobSubmission.read(body, type, intake, config.github());
        return (MultipartReader.isMultipart(type)
                        ? bodies.read(request, reading)
                        : bodies.readWhole(request, JobRequest.MAX_SIZE, reading))
                .chain(intake::queue)
                .map(view -> new JsonObject()
                        .put("JobIdentifier", view.build().id.toString())
                        .encode());
    }

    /** Says how far a job is. */
    @GET
    @Path("{job}/status")
    public Uni<String> status(@PathParam("job") String job) {
        return find(job)
                .map(view ->
                        new JsonObject().put("Status", status(view.build())).encode());
    }

    /** Shows the whole log of a job as one text in JSON. */
    @GET
    @Path("{job}/logs")
    public Uni<Void> logs(@PathParam("job") String job, @Context HttpServerRequest request) {
        return find(job)
                .chain(view -> streams.send(
                        request,
                        new StreamedAnswer(
                                MediaType.APPLICATION_JSON,
                                false,
                                JobLogText.of(Outage.tell(log.readAll(view.build().id, 0))))));
    }

    static String status(Build build) {
        return switch (build.status) {
            case QUEUED -> "Building";
            case RUNNING -> build.isBuilt() ? "Pushing" : "Building";
            case SUCCEEDED -> "Finished";
            case FAILED -> "Failed: " + build.errorDetail;
            case CANCELLED -> "Failed: cancelled";
        };
    }

    private Uni<BuildView> find(String job) {
        try {
            return builds.get(new BuildReference.ById(UUID.fromString(job)));
        } catch (IllegalArgumentException e) {
            throw new SlipwayException(ErrorCode.NOT_FOUND, "tried to find a job but its identifier is no UUID");
        }
    }
}
