package dev.slipway.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.BodyStream;
import dev.slipway.http.JsonBody;
import dev.slipway.intake.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A submission as one JSON document, read member by member straight into the submission, which judges it as it does a
 * form. A member that is null is as if it were absent.
 */
final class JsonSubmission {
    /** The longest document, in bytes. */
    static final int MAX_BODY = 4 * 1024 * 1024;

    /** Our own name of each member's field. */
    private static final Map<String, String> FIELDS = new TreeMap<>(Map.ofEntries(
            Map.entry("images", "image"),
            Map.entry("dockerfile", "dockerfile"),
            Map.entry("tarUrl", "tar_url"),
            Map.entry("context", "context"),
            Map.entry("dockerfilePath", "dockerfile_path"),
            Map.entry("buildArgs", "build_arg"),
            Map.entry("labels", "label"),
            Map.entry("target", "target"),
            Map.entry("platform", "platform"),
            Map.entry("noCache", "no_cache"),
            Map.entry("pull", "pull"),
            Map.entry("timeout", "timeout"),
            Map.entry("username", "username"),
            Map.entry("password", "password")));

    private final JsonParser json;
    private final Submission submission;
    private final Set<String> seen = new HashSet<>();

    private JsonSubmission(JsonParser json, Submission submission) {
        this.json = json;
        this.submission = submission;
    }

    /** The member in which a field of ours comes. */
    static String spelled(String field) {
        return FIELDS.entrySet().stream()
                .filter(entry -> entry.getValue().equals(field))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(field);
    }

    static void read(BodyStream body, Submission submission) throws IOException {
        JsonBody.parse(body, MAX_BODY, json -> new JsonSubmission(json, submission).document());
    }

    private void document() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw JsonBody.invalid("tried to read the body as JSON but it is no object");
        }
        for (String member = json.nextFieldName(); member != null; member = json.nextFieldName()) {
            boolean isNull = json.nextToken() == JsonToken.VALUE_NULL;
            if (!isNull || !FIELDS.containsKey(member)) {
                member(member);
            }
        }
        if (!seen.contains("dockerfile")) {
            throw invalid("dockerfile", "there is no source: it is the text of a Dockerfile");
        }
    }

    private void member(String member) throws IOException {
        String field = FIELDS.get(member);
        if (!seen.add(member)) {
            throw invalid(member, "it is given twice");
        }
        switch (member) {
            case "images" -> images();
            case "buildArgs", "labels" -> pairs(member, field);
            case "dockerfile" -> dockerfile(text(member));
            case "noCache", "pull" -> submission.field(field, flag(member));
            case "timeout" ->
                submission.field(
                        field, json.currentToken() == JsonToken.VALUE_NUMBER_INT ? number(member) : text(member));
            case "context", "dockerfilePath", "target", "platform", "username", "password", "tarUrl" ->
                submission.field(field, text(member));
            default -> throw invalid(member, "there is no such field, only " + new TreeSet<>(FIELDS.keySet()));
        }
    }

    private void images() throws IOException {
        expect("images", JsonToken.START_ARRAY, "a list of texts");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect("images", JsonToken.VALUE_STRING, "a list of texts");
            submission.field("image", json.getText());
        }
    }

    private void pairs(String member, String field) throws IOException {
        expect(member, JsonToken.START_OBJECT, "an object of texts");
        Set<String> keys = new HashSet<>();
        for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
            if (!keys.add(key)) {
                throw invalid(member, "\"" + JsonBody.shown(key) + "\" is given twice");
            }
            json.nextToken();
            expect(member, JsonToken.VALUE_STRING, "an object of texts");
            submission.field(field, key, json.getText());
        }
    }

    private void dockerfile(String text) throws IOException {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            submission.dockerfile("dockerfile", new ByteArrayInputStream(bytes.array(), 0, bytes.limit()));
        } catch (CharacterCodingException e) {
            throw invalid("dockerfile", "it holds half a character");
        }
    }

    private String text(String member) throws IOException {
        expect(member, JsonToken.VALUE_STRING, member.equals("timeout") ? "a text or a whole number" : "a text");
        return json.getText();
    }

    /** As long as it may be: what it means is judged as that of a text. */
    private String number(String member) throws IOException {
        if (json.getTextLength() > 20) {
            throw invalid(member, "it is not between 1 second and 24 hours");
        }
        return json.getText();
    }

    private String flag(String member) {
        if (!json.currentToken().isBoolean()) {
            throw invalid(member, "it is neither true nor false");
        }
        return Boolean.toString(json.currentToken() == JsonToken.VALUE_TRUE);
    }

    private void expect(String member, JsonToken token, String what) {
        if (json.currentToken() != token) {
            throw invalid(member, "it is not " + what);
        }
    }

    private static SlipwayException invalid(String member, String why) {
        String shown = JsonBody.shown(member);
        return SlipwayException.invalidField(shown, "tried to read the field `" + shown + "` but " + why);
    }
}
