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
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Turns the body of {@code POST /api/v1/builds} into a submission: a form of parts, a JSON document, or an archive with a
 * query. What can be refused without the body is refused when it is made.
 *
 * @param spelling how this wire form has the fields
 * @param maxKept how long a body may be that is kept in memory; empty where it streams
 */
record SubmissionReader(Spelling spelling, OptionalLong maxKept, Content content, Optional<Credentials> auth) {
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
                    OptionalLong.empty(),
                    (body, submission) -> readForm(MultipartReader.of(body, type), submission),
                    auth);
        }
        if (is(type, "application/json")) {
            refuseQuery(query, "a member of the JSON document");
            return new SubmissionReader(
                    JsonSubmission::spelled, OptionalLong.of(JsonSubmission.MAX_BODY), JsonSubmission::read, auth);
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
                Spelling.OWN, OptionalLong.empty(), (body, submission) -> readArchive(query, body, submission), auth);
    }

    private static void readArchive(List<Map.Entry<String, String>> query, BodyStream body, Submission submission)
            throws IOException {
        for (Map.Entry<String, String> parameter : query) {
            if (parameter.getKey().equals("tar_url")) {
                submission.url("tar_url", parameter.getValue(), false);
            } else {
                submission.field(parameter.getKey(), parameter.getValue());
            }
        }
        PushbackInputStream archive = new PushbackInputStream(body);
        int first = archive.read();
        if (first >= 0) {
            archive.unread(first);
        }
        if (first >= 0 || !submission.hasSource()) {
            submission.archive("body", archive);
        }
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
                case "tar_url" -> submission.url("tar_url", part.text(Submission.MAX_FIELD), false);
                case "files" ->
                    submission.file(
                            part.filename()
                                    .orElseThrow(() -> SlipwayException.invalidField(
                                            "files",
                                            "tried to read the field `files` but it is no file: it has no name")),
                            part.content());
                default -> {
                    refuseUnknownFile(part);
                    submission.field(part.name(), part.text(Submission.MAX_FIELD));
                }
            }
        }
    }

    /** A source under another name; fields that come as files are known ones. */
    private static void refuseUnknownFile(Part part) {
        if (part.filename().isPresent() && !Submission.isField(part.name())) {
            throw SlipwayException.invalidField(
                    part.name(),
                    "tried to read the field `" + part.name() + "` but there is no such field; an archive is sent as"
                            + " `file`, a Dockerfile as `dockerfile`, and what it copies as `files`");
        }
    }
}
