package dev.slipway.intake;

import dev.slipway.error.SlipwayException;
import dev.slipway.secret.Secret;

/** A registry's user and password as a request brings them, for a registry that is known later. */
public record Credentials(String username, Secret password) {
    /** Judges both; what is wrong is told of the field (or the header) that it came in. */
    public static Credentials of(String userField, String username, String passwordField, String password) {
        // a colon would end the user's name in what registries are sent
        if (username.isBlank() || username.codePoints().anyMatch(c -> c == ':' || Character.isISOControl(c))) {
            throw invalid(userField, "the user is blank, or holds a colon or a control character");
        }
        // one that is a key file has many lines
        if (password.isEmpty() || password.indexOf('\0') >= 0) {
            throw invalid(passwordField, "the password is empty or holds a NUL");
        }
        return new Credentials(username, Secret.of(password));
    }

    private static SlipwayException invalid(String field, String why) {
        return SlipwayException.invalidField(field, "tried to read the credentials in `" + field + "` but " + why);
    }
}
