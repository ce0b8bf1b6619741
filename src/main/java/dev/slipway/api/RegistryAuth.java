package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.SingleHeader;
import dev.slipway.intake.Credentials;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;

/** A user and a password as Docker's clients send them in {@code X-Registry-Auth}: JSON in base64url. */
final class RegistryAuth {
    /** The header's name. */
    static final String HEADER = "X-Registry-Auth";

    private static final ObjectMapper JSON = new ObjectMapper();

    private RegistryAuth() {}

    static Optional<Credentials> of(HttpServerRequest request) {
        return SingleHeader.of(request, HEADER).map(RegistryAuth::decode);
    }

    private static Credentials decode(String header) {
        try {
            // clients disagree on padding and on the alphabet
            byte[] bytes = Base64.getUrlDecoder()
                    .decode(header.strip().replace('+', '-').replace('/', '_').replace("=", ""));
            JsonNode json = JSON.readTree(bytes);
            if (json.path("username").isTextual() && json.path("password").isTextual()) {
                return Credentials.of(
                        HEADER,
                        json.path("username").asText(),
                        HEADER,
                        json.path("password").asText());
            }
        } catch (IllegalArgumentException | IOException e) {
            // said below, without what it quotes
        }
        throw SlipwayException.invalidField(
                HEADER,
                "tried to read the header " + HEADER
                        + " but it is not the base64url of {\"username\":…,\"password\":…}");
    }
}
