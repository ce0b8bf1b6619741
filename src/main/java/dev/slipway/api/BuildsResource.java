package dev.slipway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.build.BuildFilter;
import dev.slipway.build.BuildReference;
import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.build.IdempotencyKey;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.Bodies;
import dev.slipway.http.BodyWork;
import dev.slipway.http.EntityTag;
import dev.slipway.http.Prefer;
import dev.slipway.http.SingleHeader;
import dev.slipway.image.Registries;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/** Builds over HTTP. */
@Path("/api/v1/builds")
@Produces(MediaType.APPLICATION_JSON)
public class BuildsResource {
    private final Builds builds;
    private final Intake intake;
    private final Bodies bodies;
    private final Registries registries;
    private final ApiConfig config;
    private final ObjectMapper json;

    BuildsResource(
            Builds builds, Intake intake, Bodies bodies, Registries registries, ApiConfig config, ObjectMapper json) {
        this.builds = builds;
        this.intake = intake;
        this.bodies = bodies;
        this.registries = registries;
        this.config = config;
        this.json = json;
    }

    /** Hands in a source and queues its build. */
    @POST
    public Uni<RestResponse<BuildJson>> create(@Context HttpServerRequest request, @Context HttpHeaders headers) {
        SubmissionReader reader = SubmissionReader.of(request);
        Optional<IdempotencyKey> key =
                SingleHeader.of(request, IdempotencyKey.HEADER).map(IdempotencyKey::parse);
        BodyWork<BuildRequest> reading = body -> {
            try (Submission submission = intake.open(BuildRequest.Origin.API, reader.spelling())) {
                submission.idempotencyKey(key);
                reader.read(body, submission);
                return submission.accept();
            }
        };
        return (reader.maxKept().isPresent()
                        ? bodies.readWhole(request, reader.maxKept().getAsLong(), reading)
                        : bodies.read(request, reading))
                .chain(intake::queue)
                .chain(view -> await(view, headers))
                .map(answer -> response(answer, answer.ended() ? 200 : 202));
    }

    /** Shows a page of builds, the newest first. */
    @GET
    public Uni<BuildPage> list(@Context HttpServerRequest request) {
        BuildFilter filter = ListQuery.parse(registries.home(), request.query());
        return builds.list(filter.plusOne()).map(found -> {
            List<BuildJson> items =
                    found.stream().limit(filter.limit()).map(BuildJson::of).toList();
            return new BuildPage(
                    items,
                    found.size() > items.size() ? Long.toString(items.getLast().number()) : null);
        });
    }

    /**
     * Shows a build; with {@code Prefer: wait=N} as it is when it ends, or after N seconds. What the client has already,
     * judged behind the wait, is not sent again.
     */
    @GET
    @Path("{build}")
    public Uni<RestResponse<byte[]>> get(@PathParam("build") String build, @Context HttpHeaders headers) {
        return builds.get(reference(build))
                .chain(view -> await(view, headers))
                .map(answer -> representation(answer, headers.getRequestHeader(HttpHeaders.IF_NONE_MATCH)));
    }

    /** Ends a queued build at once, asks the worker of a running one to stop. */
    @POST
    @Path("{build}/cancel")
    public Uni<RestResponse<BuildJson>> cancel(@PathParam("build") String build) {
        return builds.cancel(reference(build)).map(view -> response(Answer.of(view), 202));
    }

    /** Queues an ended build again, with new credentials where some come along. */
    @POST
    @Path("{build}/retry")
    public Uni<RestResponse<BuildJson>> retry(@PathParam("build") String build, @Context HttpServerRequest request) {
        RetryReader reader = RetryReader.of(request);
        return bodies.readWhole(request, RetryReader.MAX_BODY, reader::read)
                .chain(credentials -> intake.retry(reference(build), credentials))
                .map(view -> response(Answer.of(view), 202));
    }

    /** Deletes an ended or queued build and all that belongs to it. */
    @DELETE
    @Path("{build}")
    public Uni<RestResponse<Void>> delete(@PathParam("build") String build) {
        return intake.remove(reference(build)).map(gone -> RestResponse.noContent());
    }

    private Uni<Answer> await(BuildView view, HttpHeaders headers) {
        Prefer prefer = Prefer.of(headers.getRequestHeader("Prefer"));
        if (prefer.waitSeconds().isEmpty()) {
            return Uni.createFrom().item(Answer.of(view));
        }
        long seconds =
                Math.min(prefer.waitSeconds().getAsInt(), config.maxWait().toSeconds());
        return builds.awaitEnd(view.build().id, Duration.ofSeconds(seconds))
                .map(now -> new Answer(now, Optional.of("wait=" + seconds)));
    }

    private RestResponse<byte[]> representation(Answer answer, List<String> ifNoneMatch) {
        byte[] bytes = bytes(BuildJson.of(answer.build()));
        EntityTag tag = EntityTag.of(bytes);
        RestResponse.ResponseBuilder<byte[]> response = tag.isNamedBy(ifNoneMatch)
                ? RestResponse.ResponseBuilder.notModified()
                : RestResponse.ResponseBuilder.ok(bytes);
        return complete(response, answer)
                .header(HttpHeaders.ETAG, tag.value())
                // it changes by itself: whoever keeps it asks again
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .build();
    }

    private byte[] bytes(BuildJson build) {
        try {
            return json.writeValueAsBytes(build);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RestResponse<BuildJson> response(Answer answer, int status) {
        return complete(
                        RestResponse.ResponseBuilder.create(
                                RestResponse.Status.fromStatusCode(status), BuildJson.of(answer.build())),
                        answer)
                .build();
    }

    private static <T> RestResponse.ResponseBuilder<T> complete(
            RestResponse.ResponseBuilder<T> response, Answer answer) {
        response.header(HttpHeaders.LOCATION, "/api/v1/builds/" + answer.build().build().id);
        answer.preference().ifPresent(applied -> response.header("Preference-Applied", applied));
        return response;
    }

    static BuildReference reference(String text) {
        return BuildReference.parse(text)
                .orElseThrow(() -> new SlipwayException(
                        ErrorCode.NOT_FOUND,
                        "tried to find a build but what its address names is neither an id nor a number"));
    }
}
