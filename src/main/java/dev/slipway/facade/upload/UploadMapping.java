package dev.slipway.facade.upload;

import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.facade.FormMapping;
import dev.slipway.http.Form;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.WireFormat;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;

/** Upload and wait: {@code image_name} and {@code file}, answered when all is done. */
@Singleton
public class UploadMapping implements FormMapping {
    private static final BuildRequest.Origin ORIGIN = new BuildRequest.Origin(UploadFormat.NAME, "{}");
    /** Longer than any build may take: the answer comes when all is done. */
    private static final Duration TO_THE_END = Duration.ofDays(7);

    private final UploadFormat format;
    private final Intake intake;
    private final Builds builds;

    UploadMapping(UploadFormat format, Intake intake, Builds builds) {
        this.format = format;
        this.intake = intake;
        this.builds = builds;
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public Set<String> signs() {
        return Set.of(UploadForm.IMAGE, UploadForm.FILE);
    }

    @Override
    public Set<String> texts() {
        return Set.of();
    }

    @Override
    public String description() {
        return "`image_name` and `file` (an archive; answered when its image is pushed)";
    }

    @Override
    public Form form(InputStream body, String contentType) {
        return MultipartReader.of(body, contentType);
    }

    @Override
    public Reader open(Headers headers) throws IOException {
        boolean respondAsync = headers.prefer().respondAsync();
        Submission submission = intake.open(ORIGIN, UploadForm::spelled);
        submission.idempotencyKey(headers.key());
        return new UploadForm(submission, queued -> answer(queued, respondAsync));
    }

    private Uni<Response> answer(BuildView queued, boolean respondAsync) {
        Uni<BuildView> view =
                respondAsync ? Uni.createFrom().item(queued) : builds.awaitEnd(queued.build().id, TO_THE_END);
        return view.map(ended -> UploadAnswer.of(ended, respondAsync));
    }
}
