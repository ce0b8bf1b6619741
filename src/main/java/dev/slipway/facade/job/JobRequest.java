package dev.slipway.facade.job;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.JsonBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The JSON of a request. Its keys are matched without regard to case; those that nobody knows are passed over. */
final class JobRequest {
    /** The longest document with a Dockerfile in it, in bytes. */
    static final int MAX_SIZE = 4 * 1024 * 1024;

    private static final Map<String, String> KEYS = known(
            "image_name",
            "username",
            "password",
            "email",
            "dockerfile",
            "tarUrl",
            "github_username",
            "github_reponame",
            "github_tag");

    private final Map<String, String> values = new TreeMap<>();

    private JobRequest() {}

    private static Map<String, String> known(String... keys) {
        Map<String, String> known = new TreeMap<>();
        for (String key : keys) {
            known.put(key.toLowerCase(Locale.ROOT), key);
        }
        return known;
    }

    static JobRequest read(InputStream body, int max) throws IOException {
        JobRequest request = new JobRequest();
        JsonBody.parse(body, max, request::document);
        return request;
    }

    private void document(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw JsonBody.invalid("tried to read the body as JSON but it is no object");
        }
        for (String member = json.nextFieldName(); member != null; member = json.nextFieldName()) {
            String key = KEYS.get(member.toLowerCase(Locale.ROOT));
            JsonToken token = json.nextToken();
            if (key == null) {
                json.skipChildren();
            } else if (token == JsonToken.VALUE_STRING) {
                put(key, json.getText());
            } else if (token != JsonToken.VALUE_NULL) {
                throw refused(key, "it is no text");
            }
        }
    }

    private void put(String key, String value) {
        if (values.put(key, value) != null) {
            throw refused(key, "it is given twice");
        }
    }

    /** A value; one that is empty is as if it were absent, as Go's clients send what they do not set. */
    Optional<String> get(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.isEmpty());
    }

    static SlipwayException refused(String key, String why) {
        return SlipwayException.invalidField(key, "tried to read `" + key + "` but " + why);
    }
}
