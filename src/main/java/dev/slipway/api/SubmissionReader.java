package dev.slipway.api;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.BodyStream;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Part;
import dev.slipway.http.Query;
import dev.slipway.intake.Credentials;
import dev.slipway.intake.Spelling;
import dev.slipway.intake.Submission;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns the body of {@code POST /api/v1/builds} into a submission: a form of parts, a JSON document, or an archive with a
 * query. What can be refused without the body is refused when it is made.
 *
 * @param spelling how this wire form has the fields
 * @param maxBody the longest body; the service's limit holds besides
 */
record SubmissionReader(Spelling spelling, long maxBody, Content content, Optional<Credentials> auth) {
    /** The way from a body to a submission. */
    @FunctionalInterface
    interface Content {
        void read(BodyStream body, Submission submission) throws IOException;
    }

    /** Reads the whole body into the submission. */
    void read(BodyStream body, Submission submission) throws IOException {
        auth.ifPresent(credentials -> submission.credentials(RegistryAuth.HEADER, credentials));
        content.read(body, submission);
    }

    /** The reader for a request's content type; it has taken from the request what it needs. */
    static SubmissionReader of(HttpServerRequest request) {
        String type = request.getHeader("Content-Type");
        List<Map.Entry<String, String>> query = Query.parse(request.query());
        Optional<Credentials> auth = RegistryAuth.of(request);
        if (MultipartReader.isMultipart(type)) {
            refuseQuery(query, "a part of the form");
            MultipartReader.checkType(type);
            return new SubmissionReader(
                    Spelling.OWN,
                    Long.MAX_VALUE,
                    (body, submission) -> readForm(MultipartReader.of(body, type), submission),
                    auth);
        }
        if (is(type, "application/json")) {
            refuseQuery(query, "a member of the JSON document");
            return new SubmissionReader(JsonSubmission::spelled, JsonSubmission.MAX_BODY, JsonSubmission::read, auth);
        }
        if (is(type, "application/x-www-form-urlencoded")) {
            throw new SlipwayException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "tried to read the body as an archive but it is application/x-www-form-urlencoded; send the archive"
                            + " with curl -T FILE or --data-binary @FILE -H 'Content-Type: application/x-tar', or as a"
                            + " multipart form with -F file=@FILE");
        }
        refusePasswords(query);
        return new SubmissionReader(
                Spelling.OWN,
                Long.MAX_VALUE,
                (body, submission) -> {
                    query.forEach(parameter -> submission.field(parameter.getKey(), parameter.getValue()));
                    submission.archive("body", body);
                },
                auth);
    }

    private static boolean is(String type, String expected) {
        return type != null && type.split(";", 2)[0].strip().equalsIgnoreCase(expected);
    }

    /** Ignoring them would build something else than was asked for. */
    private static void refuseQuery(List<Map.Entry<String, String>> query, String instead) {
        query.stream().map(Map.Entry::getKey).findFirst().ifPresent(name -> {
            throw SlipwayException.invalidField(
                    name, "tried to read the query parameter `" + name + "` but with this body a field is " + instead);
        });
    }

    private static void refusePasswords(List<Map.Entry<String, String>> query) {
        query.stream()
                .map(Map.Entry::getKey)
                .filter(name -> name.equals("username") || name.equals("password"))
                .findFirst()
                .ifPresent(name -> {
                    throw SlipwayException.invalidField(
                            name,
                            "tried to read the field `" + name + "` of the query but credentials do not belong there,"
                                    + " they would end up in logs; send them in the header " + RegistryAuth.HEADER);
                });
    }

    private static void readForm(MultipartReader form, Submission submission) throws IOException {
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            Part part = next.get();
            switch (part.name()) {
                case "file" -> submission.archive("file", part.content());
                case "dockerfile" -> submission.dockerfile("dockerfile", part.content());
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
