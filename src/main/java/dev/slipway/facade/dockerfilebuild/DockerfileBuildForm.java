package dev.slipway.facade.dockerfilebuild;

import dev.slipway.build.BuildRequest;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.MissingFieldsException;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Part;
import dev.slipway.image.ImageReference;
import dev.slipway.intake.Credentials;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The form of a new build: {@code username} and {@code file}, maybe {@code password} and {@code docker_repo}. Of user and
 * password both spellings count; where both are given, the one that begins with {@code docker_} is the registry's.
 */
final class DockerfileBuildForm {
    private static final BuildRequest.Origin ORIGIN = new BuildRequest.Origin(DockerfileBuildFormat.NAME, "{}");
    private static final String FILE = "file";
    private static final String USERNAME = "username";
    private static final String DOCKER_USERNAME = "docker_username";
    private static final String PASSWORD = "password";
    private static final String DOCKER_PASSWORD = "docker_password";
    private static final String DOCKER_REPO = "docker_repo";
    private static final Set<String> SHOWN = Set.of(USERNAME, DOCKER_USERNAME, DOCKER_REPO);
    private static final Set<String> SECRET = Set.of(PASSWORD, DOCKER_PASSWORD);
    private static final int MAX_SHOWN = 255;

    private static final DateTimeFormatter TAG =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** One part of a repository's name, as the distribution specification has it. */
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*");

    private final Submission submission;
    private final ImageReference.Home home;
    private final Map<String, String> texts = new HashMap<>();
    private String file;

    private DockerfileBuildForm(Submission submission, ImageReference.Home home) {
        this.submission = submission;
        this.home = home;
    }

    /** Reads the body to its end and accepts what it asks for, with a tag that says {@code now}. */
    static BuildRequest read(InputStream body, String type, Intake intake, ImageReference.Home home, Instant now)
            throws IOException {
        try (Submission submission = intake.open(ORIGIN, field -> field.equals("dockerfile") ? FILE : field)) {
            return new DockerfileBuildForm(submission, home).read(MultipartReader.of(body, type), now);
        }
    }

    private BuildRequest read(MultipartReader form, Instant now) throws IOException {
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            take(next.get());
        }
        checkComplete();
        String repository = given(DOCKER_REPO).isPresent() ? givenRepository() : ownRepository();
        submission.field("image", repository + ":" + TAG.format(now));
        credentials();
        submission.originFields(originFields());
        return submission.accept();
    }

    private void take(Part part) throws IOException {
        String name = part.name();
        if (name.equals(FILE)) {
            submission.dockerfile(FILE, part.content());
            file = fileName(part.filename().orElse(""));
        } else if (SHOWN.contains(name) || SECRET.contains(name)) {
            String text = part.text(Submission.MAX_FIELD);
            if (texts.put(name, SECRET.contains(name) ? text : shown(name, text.strip())) != null) {
                throw refused(name, "it is given twice");
            }
        } // Django's forms, which its clients know, do not mind others
    }

    /** Some clients send the whole path. */
    private static String fileName(String path) {
        String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        return name.isBlank() ? "Dockerfile" : shown(FILE, name);
    }

    private static String shown(String field, String text) {
        if (text.length() > MAX_SHOWN) {
            throw refused(field, "it is longer than " + MAX_SHOWN + " characters");
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw refused(field, "it holds a control character");
        }
        return text;
    }

    private void checkComplete() {
        Map<String, String> missing = new LinkedHashMap<>();
        if (userField().isEmpty()) {
            boolean blank = texts.containsKey(USERNAME) || texts.containsKey(DOCKER_USERNAME);
            missing.put(
                    texts.containsKey(DOCKER_USERNAME) && !texts.containsKey(USERNAME) ? DOCKER_USERNAME : USERNAME,
                    blank ? "This field may not be blank." : "This field is required.");
        }
        if (file == null) {
            missing.put(FILE, "No file was submitted.");
        }
        if (!missing.isEmpty()) {
            throw new MissingFieldsException(missing);
        }
    }

    /** A field's text; what a form has only as an empty line is not given. */
    private Optional<String> given(String field) {
        return Optional.ofNullable(texts.get(field)).filter(text -> !text.isEmpty());
    }

    private Optional<String> first(String field, String other) {
        return Optional.of(field).filter(name -> given(name).isPresent()).or(() -> Optional.of(other)
                .filter(name -> given(name).isPresent()));
    }

    private Optional<String> userField() {
        return first(DOCKER_USERNAME, USERNAME);
    }

    private String user() {
        return texts.get(userField().orElseThrow());
    }

    private String givenRepository() {
        String repository = texts.get(DOCKER_REPO);
        if (repository.contains("@")
                || repository.substring(repository.lastIndexOf('/') + 1).contains(":")) {
            throw refused(DOCKER_REPO, "it has a tag or a digest; the tag is the time");
        }
        return checked(DOCKER_REPO, repository);
    }

    /** Below the user's name in the default registry, whatever that name would mean in front of another. */
    private String ownRepository() {
        String field = userField().orElseThrow();
        if (!NAMESPACE.matcher(user()).matches()) {
            throw refused(
                    field,
                    "it cannot be a namespace: that is lower case letters and digits, with single separators between;"
                            + " name the repository in `" + DOCKER_REPO + "`");
        }
        String registry = home.registry()
                .orElseThrow(() -> refused(DOCKER_REPO, "it is missing, and this service has no default registry"));
        boolean likeHost = user().contains(".") || user().equals("localhost");
        return checked(field, (likeHost ? registry + "/" : "") + repository());
    }

    private String repository() {
        return given(DOCKER_REPO).orElseGet(() -> user() + "/" + RepositoryName.of(file));
    }

    private String checked(String field, String repository) {
        try {
            ImageReference.target(repository, home);
            return repository;
        } catch (SlipwayException e) {
            throw e.in(field);
        }
    }

    /** Without a password of the form's own, the configured ones count. */
    private void credentials() {
        String userField = userField().orElseThrow();
        first(DOCKER_PASSWORD, PASSWORD)
                .ifPresent(field ->
                        submission.credentials(field, Credentials.of(userField, user(), field, texts.get(field))));
    }

    private String originFields() {
        return new JsonObject()
                .put(USERNAME, given(USERNAME).orElseGet(this::user))
                .put(DOCKER_USERNAME, given(DOCKER_USERNAME).orElseGet(this::user))
                .put(DOCKER_REPO, repository())
                .put(FILE, file)
                .encode();
    }

    private static SlipwayException refused(String field, String why) {
        return SlipwayException.invalidField(field, "tried to read the field `" + field + "` but " + why);
    }
}
