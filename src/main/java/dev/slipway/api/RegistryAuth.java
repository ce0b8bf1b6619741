package dev.slipway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.error.SlipwayException;
import dev.slipway.intake.Submission;
import dev.slipway.secret.Secret;
import java.io.IOException;
import java.util.Base64;

/** A user and a password as Docker's clients send them in {@code X-Registry-Auth}: JSON in base64url. */
record RegistryAuth(String username, Secret password) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static RegistryAuth decode(String header) {
        try {
            // clients disagree on padding and on the alphabet
            byte[] bytes = Base64.getUrlDecoder()
                    .decode(header.strip().replace('+', '-').replace('/', '_').replace("=", ""));
            JsonNode json = JSON.readTree(bytes);
            if (json.path("username").isTextual() && json.path("password").isTextual()) {
                return new RegistryAuth(
                        json.path("username").asText(),
                        Secret.of(json.path("password").asText()));
            }
        } catch (IllegalArgumentException | IOException e) {
            // said below, without what it quotes
        }
        throw SlipwayException.invalidField(
                SubmissionReader.REGISTRY_AUTH,
                "tried to read the header " + SubmissionReader.REGISTRY_AUTH
                        + " but it is not the base64url of {\"username\":…,\"password\":…}");
    }

    void into(Submission submission) {
        submission.field("username", username);
        submission.field("password", password.reveal());
    }
}
