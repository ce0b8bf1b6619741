package dev.slipway.api;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Part;
import dev.slipway.intake.Submission;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns the body of {@code POST /api/v1/builds} into a submission: a form of parts, or an archive with a query. */
interface SubmissionReader {
    /** The header in which Docker's clients send a registry's credentials. */
    String REGISTRY_AUTH = "X-Registry-Auth";

    /** Reads the whole body into the submission. */
    void read(InputStream body, Submission submission) throws IOException;

    /** The reader for a request's content type; it has taken from the request what it needs. */
    static SubmissionReader of(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        if (MultipartReader.isMultipart(type)) {
            return (body, submission) -> readForm(MultipartReader.of(body, type), submission);
        }
        if (type != null && type.split(";", 2)[0].strip().equalsIgnoreCase("application/x-www-form-urlencoded")) {
            throw new SlipwayException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "tried to read the body as an archive but it is application/x-www-form-urlencoded; send the archive"
                            + " with curl -T FILE or --data-binary @FILE -H 'Content-Type: application/x-tar', or as a"
                            + " multipart form with -F file=@FILE");
        }
        List<Map.Entry<String, String>> query = request.params(false).entries();
        Optional<RegistryAuth> auth =
                Optional.ofNullable(request.getHeader(REGISTRY_AUTH)).map(RegistryAuth::decode);
        return (body, submission) -> {
            for (Map.Entry<String, String> parameter : query) {
                if (parameter.getKey().equals("username") || parameter.getKey().equals("password")) {
                    throw SlipwayException.invalidField(
                            parameter.getKey(),
                            "tried to read the query but credentials do not belong there, they would end up in logs; send"
                                    + " them in the header " + REGISTRY_AUTH);
                }
                if (parameter.getKey().equals("tar_url")) {
                    submission.url("tar_url", parameter.getValue(), false);
                } else {
                    submission.field(parameter.getKey(), parameter.getValue());
                }
            }
            auth.ifPresent(credentials -> credentials.into(submission));
            PushbackInputStream archive = new PushbackInputStream(body);
            int first = archive.read();
            if (first >= 0) {
                archive.unread(first);
            }
            if (first >= 0 || !submission.hasSource()) {
                submission.archive("body", archive);
            }
        };
    }

    private static void readForm(MultipartReader form, Submission submission) throws IOException {
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            Part part = next.get();
            switch (part.name()) {
                case "file" -> submission.archive("file", part.content());
                case "dockerfile" -> submission.dockerfile("dockerfile", part.content());
                case "tar_url" -> submission.url("tar_url", part.text(Submission.MAX_FIELD), false);
                case "files" ->
                    submission.file(
                            part.filename()
                                    .orElseThrow(() -> SlipwayException.invalidField(
                                            "files",
                                            "tried to read the field `files` but it is no file: it has no name")),
                            part.content());
                default -> submission.field(part.name(), part.text(Submission.MAX_FIELD));
            }
        }
    }
}
