package dev.slipway.facade.upload;

import dev.slipway.build.BuildView;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.FormMapping;
import dev.slipway.http.Part;
import dev.slipway.intake.Submission;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.function.Function;

/** A form with {@code image_name} and {@code file}, and nothing else. */
final class UploadForm implements FormMapping.Reader {
    static final String IMAGE = "image_name";
    static final String FILE = "file";

    private final Submission submission;
    private final Function<BuildView, Uni<Response>> answer;
    private boolean hasImage;

    UploadForm(Submission submission, Function<BuildView, Uni<Response>> answer) {
        this.submission = submission;
        this.answer = answer;
    }

    static String spelled(String field) {
        return field.equals("image") ? IMAGE : field;
    }

    @Override
    public void parameter(String name, String value) {
        switch (name) {
            case IMAGE -> image(value);
            case FILE -> throw refused(FILE, "it is in the query, where no file can be: it is a part of the form");
            default -> {} // what proxies and browsers add to an address says nothing of the build
        }
    }

    @Override
    public void part(Part part) throws IOException {
        switch (part.name()) {
            case IMAGE -> image(part.text(Submission.MAX_FIELD));
            case FILE -> submission.archive(FILE, part.content());
            default ->
                throw SlipwayException.invalidField(
                        part.name(), "tried to read the form but there is a field besides `image_name` and `file`");
        }
    }

    private void image(String name) {
        if (hasImage) {
            throw refused(IMAGE, "it is given twice");
        }
        hasImage = true;
        submission.field("image", name);
    }

    @Override
    public FormMapping.Accepted accept() throws IOException {
        if (!hasImage) {
            throw refused(IMAGE, "it is missing");
        }
        submission.alsoLatest();
        return new FormMapping.Accepted(submission.accept(), answer);
    }

    private static SlipwayException refused(String field, String why) {
        return SlipwayException.invalidField(field, "tried to read the field `" + field + "` but " + why);
    }

    @Override
    public void close() throws IOException {
        submission.close();
    }
}
