package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.intake.Credentials;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads the credentials that a retry may bring, from its header or its body. */
record RetryReader(Optional<Credentials> header) {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The longest body, in bytes. */
    static final int MAX_BODY = 64 * 1024;

    static RetryReader of(HttpServerRequest request) {
        return new RetryReader(RegistryAuth.of(request));
    }

    Optional<Credentials> read(InputStream body) throws IOException {
        byte[] bytes = body.readNBytes(MAX_BODY);
        if (body.read() >= 0) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_TOO_LARGE, "tried to read the body but it is longer than " + MAX_BODY + " bytes");
        }
        JsonNode json = parse(bytes);
        if (json.isMissingNode() || json.isObject() && json.isEmpty()) {
            return header; // many clients send an empty object where they have nothing to say
        }
        if (header.isPresent()) {
            throw SlipwayException.invalidField(
                    RegistryAuth.HEADER, "tried to read the credentials but both a header and a body have some");
        }
        return Optional.of(Credentials.of("username", text(json, "username"), "password", text(json, "password")));
    }

    private static JsonNode parse(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) { // no JSON, or no text at all; e quotes what may be a password
            throw new SlipwayException(ErrorCode.REQUEST_INVALID, "tried to read the body but it is not JSON");
        }
    }

    private static String text(JsonNode json, String name) {
        if (!json.path(name).isTextual()) {
            throw SlipwayException.invalidField(
                    name, "tried to read the field `" + name + "` of the body but it is not there or no text");
        }
        return json.path(name).asText();
    }
}
