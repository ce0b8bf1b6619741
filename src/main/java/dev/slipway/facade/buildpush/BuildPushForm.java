package dev.slipway.facade.buildpush;

import dev.slipway.build.BuildRequest;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.MissingFieldsException;
import dev.slipway.http.Form;
import dev.slipway.http.Part;
import dev.slipway.image.ImageReference;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The form of {@code POST /build-push}: {@code file}, {@code image_name} and {@code image_tag}, all required. */
final class BuildPushForm {
    private static final BuildRequest.Origin ORIGIN = new BuildRequest.Origin(BuildPushFormat.NAME, "{}");
    private static final String FILE = "file";
    private static final String NAME = "image_name";
    private static final String TAG = "image_tag";
    private static final String REQUIRED = "This field is required.";

    private final Submission submission;
    private final ImageReference.Home home;
    private final Map<String, String> texts = new HashMap<>();
    private boolean hasFile;

    private BuildPushForm(Submission submission, ImageReference.Home home) {
        this.submission = submission;
        this.home = home;
    }

    /** Reads the body to its end and accepts what it asks for. */
    static BuildRequest read(InputStream body, String type, Intake intake, ImageReference.Home home)
            throws IOException {
        try (Submission submission = intake.open(ORIGIN, BuildPushForm::spelled)) {
            return new BuildPushForm(submission, home).read(Form.of(body, type));
        }
    }

    private static String spelled(String field) {
        return switch (field) {
            case "image" -> NAME;
            case "dockerfile" -> FILE;
            default -> field;
        };
    }

    private BuildRequest read(Form form) throws IOException {
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            take(next.get());
        }
        checkComplete();
        submission.field("image", image());
        return submission.accept();
    }

    /** Always below the service's own namespace, whatever the name would mean elsewhere. */
    private String image() {
        if (!ImageReference.isTag(texts.get(TAG))) {
            throw refused(TAG, "it is not the form of a tag");
        }
        if (texts.get(NAME).contains(":") || texts.get(NAME).contains("@")) {
            throw refused(NAME, "it is not the name of a repository");
        }
        String registry = home.registry().orElseThrow(() -> refused(NAME, "this service has no default registry"));
        String namespace = home.namespace().map(name -> name + "/").orElse("");
        try {
            return ImageReference.target(registry + "/" + namespace + texts.get(NAME) + ":" + texts.get(TAG), home)
                    .toString();
        } catch (SlipwayException e) {
            throw e.in(NAME);
        }
    }

    private static SlipwayException refused(String field, String why) {
        return SlipwayException.invalidField(field, "tried to read the field `" + field + "` but " + why);
    }

    private void take(Part part) throws IOException {
        switch (part.name()) {
            case FILE -> {
                submission.dockerfile(FILE, part.content());
                hasFile = true;
            }
            case NAME, TAG -> {
                if (texts.put(part.name(), part.text(Submission.MAX_FIELD)) != null) {
                    throw refused(part.name(), "it is given twice");
                }
            }
            default -> {} // Django's forms, which its clients know, do not mind
        }
    }

    private void checkComplete() {
        Map<String, String> missing = new LinkedHashMap<>();
        if (!hasFile) {
            missing.put(FILE, "No file was submitted.");
        }
        if (texts.getOrDefault(NAME, "").isBlank()) {
            missing.put(NAME, REQUIRED);
        }
        if (texts.getOrDefault(TAG, "").isBlank()) {
            missing.put(TAG, REQUIRED);
        }
        if (!missing.isEmpty()) {
            throw new MissingFieldsException(missing);
        }
    }
}
