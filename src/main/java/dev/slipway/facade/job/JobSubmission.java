package dev.slipway.facade.job;

import dev.slipway.build.BuildRequest;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Part;
import dev.slipway.intake.Intake;
import dev.slipway.intake.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The body of {@code POST /api/v1/build}: JSON, or a form of the parts {@code TarFile} and {@code Json}. */
final class JobSubmission {
    private static final BuildRequest.Origin ORIGIN = new BuildRequest.Origin(JobFormat.NAME, "{}");
    private static final String ARCHIVE = "TarFile";
    /** The longest JSON beside an archive, in bytes: there is no Dockerfile in it. */
    private static final int MAX_BESIDE = 64 * 1024;

    private static final String JSON = "Json";
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://");
    private static final String NO_SOURCE =
            "tried to find the source but there is none: give one of `dockerfile`, `tarUrl`, or `github_username` with"
                    + " `github_reponame` and `github_tag`, or send an archive as the part `TarFile`";

    private final Submission submission;
    private final URI github;
    private boolean hasSource;

    private JobSubmission(Submission submission, URI github) {
        this.submission = submission;
        this.github = github;
    }

    /** Reads the body to its end, whatever its type says unless that is a form of parts, and accepts what it asks for. */
    static BuildRequest read(InputStream body, String type, Intake intake, URI github) throws IOException {
        try (Submission submission = intake.open(ORIGIN, JobSubmission::spelled)) {
            JobSubmission job = new JobSubmission(submission, github);
            if (MultipartReader.isMultipart(type)) {
                job.form(MultipartReader.of(body, type));
            } else {
                job.take(JobRequest.read(body, JobRequest.MAX_SIZE));
            }
            return submission.accept();
        }
    }

    private static String spelled(String field) {
        return switch (field) {
            case "image" -> "image_name";
            case "tar_url" -> "tarUrl";
            case "file" -> ARCHIVE;
            default -> field;
        };
    }

    private void form(MultipartReader form) throws IOException {
        Optional<JobRequest> request = Optional.empty();
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            Part part = next.get();
            switch (part.name().toLowerCase(Locale.ROOT)) {
                case "tarfile" -> {
                    submission.archive(ARCHIVE, part.content());
                    hasSource = true;
                }
                case "json" -> {
                    if (request.isPresent()) {
                        throw JobRequest.refused(JSON, "it is given twice");
                    }
                    request = Optional.of(JobRequest.read(part.content(), MAX_BESIDE));
                }
                default -> {} // as keys that nobody knows
            }
        }
        take(request.orElseThrow(() -> JobRequest.refused(JSON, "it is missing")));
    }

    private void take(JobRequest request) throws IOException {
        String image = request.get("image_name").orElseThrow(() -> JobRequest.refused("image_name", "it is missing"));
        submission.field("image", image);
        // a user alone is no login: then the configured one counts
        if (request.get("password").isPresent()) {
            for (String key : new String[] {"username", "password"}) {
                request.get(key).ifPresent(value -> submission.field(key, value));
            }
        }
        Optional<String> dockerfile = request.get("dockerfile");
        if (dockerfile.isPresent()) {
            byte[] text = dockerfile.get().getBytes(StandardCharsets.UTF_8);
            submission.dockerfile("dockerfile", new ByteArrayInputStream(text));
        }
        request.get("tarUrl").ifPresent(url -> submission.url("tarUrl", withScheme(url), false));
        Optional<GithubTag> tag = GithubTag.of(request);
        tag.ifPresent(named -> submission.url("github_reponame", named.archive(github), true));
        if (!hasSource && dockerfile.isEmpty() && request.get("tarUrl").isEmpty() && tag.isEmpty()) {
            throw SlipwayException.invalidField("dockerfile", NO_SOURCE);
        }
    }

    private static String withScheme(String url) {
        return SCHEME.matcher(url).lookingAt() ? url : "http://" + url;
    }
}
