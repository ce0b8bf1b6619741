package dev.slipway.facade.upload;

import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.build.IdempotencyKey;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.Bodies;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Part;
import dev.slipway.http.Prefer;
import dev.slipway.http.SingleHeader;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/** Upload and wait: {@code POST /build} with {@code image_name} and {@code file}, answered when all is done. */
@Path("/build")
public class UploadResource {
    private static final BuildRequest.Origin ORIGIN = new BuildRequest.Origin("upload", "{}");
    /** Longer than any build may take: the answer comes when all is done. */
    private static final Duration TO_THE_END = Duration.ofDays(7);

    private final Intake intake;
    private final Builds builds;
    private final Bodies bodies;

    UploadResource(Intake intake, Builds builds, Bodies bodies) {
        this.intake = intake;
        this.builds = builds;
        this.bodies = bodies;
    }

    /** Builds the uploaded archive and pushes it under its name's tag and {@code latest}. */
    @POST
    public Uni<Response> build(@Context HttpServerRequest request, @Context HttpHeaders headers) {
        boolean respondAsync = Prefer.of(headers.getRequestHeader("Prefer")).respondAsync();
        String type = request.getHeader("Content-Type");
        Optional<IdempotencyKey> key =
                SingleHeader.of(request, IdempotencyKey.HEADER).map(IdempotencyKey::parse);
        return bodies.read(request, body -> submit(body, type, key))
                .chain(intake::queue)
                .chain(view -> respondAsync ? Uni.createFrom().item(view) : awaitEnd(view))
                .map(view -> UploadAnswer.of(view, respondAsync));
    }

    private static String spelled(String field) {
        return field.equals("image") ? "image_name" : field;
    }

    private Uni<BuildView> awaitEnd(BuildView view) {
        return builds.awaitEnd(view.build().id, TO_THE_END);
    }

    private BuildRequest submit(InputStream body, String type, Optional<IdempotencyKey> key) throws IOException {
        try (Submission submission = intake.open(ORIGIN, UploadResource::spelled)) {
            submission.idempotencyKey(key);
            MultipartReader form = MultipartReader.of(body, type);
            String image = null;
            for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
                Part part = next.get();
                switch (part.name()) {
                    case "image_name" -> {
                        if (image != null) {
                            throw SlipwayException.invalidField(
                                    "image_name", "tried to read the field `image_name` but it is given twice");
                        }
                        image = part.text(Submission.MAX_FIELD);
                        submission.field("image", image);
                    }
                    case "file" -> submission.archive("file", part.content());
                    default ->
                        throw SlipwayException.invalidField(
                                part.name(),
                                "tried to read the form but there is a field besides `image_name` and `file`");
                }
            }
            if (image == null) {
                throw SlipwayException.invalidField(
                        "image_name", "tried to read the field `image_name` but it is missing");
            }
            submission.alsoLatest();
            return submission.accept();
        }
    }
}
