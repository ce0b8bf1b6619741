package dev.slipway.facade.build;

import dev.slipway.build.IdempotencyKey;
import dev.slipway.facade.FormMapping;
import dev.slipway.facade.task.TaskMapping;
import dev.slipway.facade.upload.UploadMapping;
import dev.slipway.http.Bodies;
import dev.slipway.http.Prefer;
import dev.slipway.http.Query;
import dev.slipway.http.SingleHeader;
import dev.slipway.http.WireFormats;
import dev.slipway.intake.Intake;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.stream.Stream;

/** The path that several wire formats have: the fields of a form say which one it is. */
@Path("/build")
public class BuildPathResource {
    private final Intake intake;
    private final Bodies bodies;
    private final List<FormMapping> served;

    BuildPathResource(Intake intake, Bodies bodies, WireFormats formats, UploadMapping upload, TaskMapping task) {
        this.intake = intake;
        this.bodies = bodies;
        this.served = Stream.<FormMapping>of(upload, task)
                .filter(mapping -> formats.isOn(mapping.format().name()))
                .toList();
    }

    /** Builds what a form of any of the formats asks for, and answers as that format does. */
    @POST
    public Uni<Response> build(@Context HttpServerRequest request) {
        SharedForm form = new SharedForm(served, Query.parse(request.query()));
        String type = request.getHeader("Content-Type");
        return Uni.createFrom()
                .item(() -> headers(request))
                .chain(headers -> bodies.read(request, body -> form.read(body, type, headers)))
                .chain(accepted -> intake.queue(accepted.request()).chain(accepted.answer()::apply))
                .onFailure()
                .transform(form::told);
    }

    private static FormMapping.Headers headers(HttpServerRequest request) {
        return new FormMapping.Headers(
                Prefer.of(request.headers().getAll("Prefer")),
                SingleHeader.of(request, IdempotencyKey.HEADER).map(IdempotencyKey::parse));
    }
}
