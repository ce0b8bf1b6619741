package dev.slipway.build;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** How a user names a build: by its id or by its number. */
public sealed interface BuildReference {
    /** By its UUID. */
    record ById(UUID id) implements BuildReference {}

    /** By its number. */
    record ByNumber(long number) implements BuildReference {}

    /** Reads what a user wrote; empty where it can be no build's. */
    static Optional<BuildReference> parse(String text) {
        if (Syntax.NUMBER.matcher(text).matches()) {
            return Optional.of(new ByNumber(Long.parseLong(text)));
        }
        // UUID.fromString takes shortened groups for a UUID
        return Syntax.UUID.matcher(text).matches()
                ? Optional.of(new ById(java.util.UUID.fromString(text)))
                : Optional.empty();
    }

    /** What the two look like. */
    final class Syntax {
        private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
        private static final Pattern UUID =
                Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

        private Syntax() {}
    }
}
