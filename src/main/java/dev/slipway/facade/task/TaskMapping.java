package dev.slipway.facade.task;

import dev.slipway.build.BuildRequest;
import dev.slipway.facade.FormMapping;
import dev.slipway.http.Form;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.WireFormat;
import dev.slipway.image.Registries;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;

/** A Dockerfile and files in, the number of a task out. */
@Singleton
public class TaskMapping implements FormMapping {
    private static final BuildRequest.Origin ORIGIN = new BuildRequest.Origin(TaskFormat.NAME, "{}");

    private final TaskFormat format;
    private final Intake intake;
    private final Registries registries;

    TaskMapping(TaskFormat format, Intake intake, Registries registries) {
        this.format = format;
        this.intake = intake;
        this.registries = registries;
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public Set<String> signs() {
        return Set.of(TaskForm.USER, TaskForm.REPO, TaskForm.DOCKERFILE, TaskForm.FILES);
    }

    @Override
    public Set<String> texts() {
        return Set.of(TaskForm.TAG, TaskForm.PASSWORD);
    }

    @Override
    public String description() {
        return "`user_name`, `repo` and `dockerfile`, with `optional_files`, `tag` and `password` where wanted (answered at"
                + " once with a task)";
    }

    /** Any other body is a form that lacks its Dockerfile, as FastAPI has it. */
    @Override
    public Form form(InputStream body, String contentType) {
        return MultipartReader.isMultipart(contentType) ? MultipartReader.of(body, contentType) : Optional::empty;
    }

    @Override
    public Reader open(Headers headers) throws IOException {
        Submission submission = intake.open(ORIGIN, TaskForm::spelled);
        submission.idempotencyKey(headers.key());
        return new TaskForm(submission, registries.home());
    }
}
