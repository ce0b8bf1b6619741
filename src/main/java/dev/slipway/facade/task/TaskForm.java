package dev.slipway.facade.task;

import dev.slipway.build.BuildRequest;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.FormMapping;
import dev.slipway.http.Part;
import dev.slipway.image.ImageReference;
import dev.slipway.intake.Submission;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The form of {@code POST /build} in format E. Its texts come in the query or as parts; fields nobody knows do not matter. */
final class TaskForm implements FormMapping.Reader {
    static final String USER = "user_name";
    static final String REPO = "repo";
    static final String TAG = "tag";
    static final String PASSWORD = "password";
    static final String DOCKERFILE = "dockerfile";
    static final String FILES = "optional_files";

    private static final Set<String> TEXTS = Set.of(USER, REPO, TAG, PASSWORD);
    private static final String FILENAME = "Dockerfile";
    private static final int MAX_FILENAME = 255;
    private static final int SHOWN = 200;

    private final Submission submission;
    private final ImageReference.Home home;
    private final Map<String, Text> texts = new HashMap<>();
    private final Echo echo = new Echo();
    private String dockerfile;

    TaskForm(Submission submission, ImageReference.Home home) {
        this.submission = submission;
        this.home = home;
    }

    /** A text, null where it could not be read, and where it came. */
    private record Text(String value, String place) {}

    static String spelled(String field) {
        return switch (field) {
            case "image" -> REPO;
            case "username" -> USER;
            default -> field;
        };
    }

    @Override
    public void parameter(String name, String value) {
        if (TEXTS.contains(name)) {
            put(name, new Text(value, TaskFormat.QUERY));
        }
    }

    @Override
    public void part(Part part) throws IOException {
        try {
            switch (part.name()) {
                case DOCKERFILE -> dockerfile(part);
                case FILES -> file(part);
                case USER, REPO, TAG, PASSWORD ->
                    put(part.name(), new Text(part.text(Submission.MAX_FIELD), TaskFormat.BODY));
                default -> {} // FastAPI, which its clients know, does not mind
            }
        } catch (SlipwayException e) {
            throw placed(e, new Text(null, TaskFormat.BODY));
        }
    }

    private void put(String name, Text text) {
        if (texts.putIfAbsent(name, text) != null) {
            throw placed(refused(name, "it is given twice"), text);
        }
    }

    private void dockerfile(Part part) throws IOException {
        submission.dockerfile(DOCKERFILE, part.content());
        dockerfile = part.filename().filter(name -> !name.isEmpty()).orElse(FILENAME);
        if (dockerfile.length() > MAX_FILENAME || dockerfile.chars().anyMatch(Character::isISOControl)) {
            throw refused(
                    DOCKERFILE,
                    "its file name is longer than " + MAX_FILENAME + " characters or holds a control character");
        }
    }

    private void file(Part part) throws IOException {
        String name = part.filename().orElseThrow(() -> refused(FILES, "it is no file: it has no name"));
        Echo.Tap tap = echo.tap(part.content());
        submission.file(name, tap);
        echo.add(name, tap);
    }

    @Override
    public FormMapping.Accepted accept() throws IOException {
        checkComplete();
        try {
            Target target = target();
            target.check(home);
            submission.field("image", target.reference());
            if (!text(PASSWORD).isEmpty()) {
                submission.field("username", target.user());
                submission.field("password", text(PASSWORD));
            }
            submission.originFields(target.toOrigin(dockerfile));
            BuildRequest request = submission.accept();
            return new FormMapping.Accepted(request, view -> Uni.createFrom()
                    .item(TaskResource.json(TaskAnswer.accepted(view.build(), echo.files()))));
        } catch (SlipwayException e) {
            throw placed(e, texts.getOrDefault(e.details().getOrDefault("field", ""), new Text(null, TaskFormat.BODY)));
        }
    }

    private void checkComplete() {
        String missing = Stream.of(USER, REPO, DOCKERFILE)
                .filter(field -> field.equals(DOCKERFILE) ? dockerfile == null : !texts.containsKey(field))
                .collect(Collectors.joining(" "));
        if (!missing.isEmpty()) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_INVALID,
                    "tried to read the form but fields are missing: " + missing,
                    Map.of(TaskFormat.MISSING, missing),
                    null);
        }
    }

    private Target target() {
        return new Target(text(USER), text(REPO), texts.containsKey(TAG) ? text(TAG) : "latest");
    }

    private String text(String name) {
        return texts.containsKey(name) ? texts.get(name).value() : "";
    }

    static SlipwayException refused(String field, String why) {
        return SlipwayException.invalidField(field, "tried to read the field `" + field + "` but " + why);
    }

    /** The same failure with where its field came and what it held; a password is never told. */
    private static SlipwayException placed(SlipwayException e, Text text) {
        Map<String, String> details = new HashMap<>(e.details());
        details.computeIfPresent("field", (key, field) -> field.equals("files") ? FILES : field);
        details.putIfAbsent(TaskFormat.PLACE, text.place());
        if (text.value() != null && !PASSWORD.equals(details.get("field"))) {
            details.putIfAbsent(TaskFormat.INPUT, shown(text.value()));
        }
        return new SlipwayException(e.code(), e.getMessage(), details, e.getCause());
    }

    private static String shown(String value) {
        return value.codePointCount(0, value.length()) > SHOWN
                ? value.substring(0, value.offsetByCodePoints(0, SHOWN)) + "…"
                : value;
    }

    @Override
    public void close() throws IOException {
        submission.close();
    }
}
