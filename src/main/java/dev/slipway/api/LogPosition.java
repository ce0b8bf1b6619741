package dev.slipway.api;

import dev.slipway.build.Build;
import dev.slipway.error.SlipwayException;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a client has read a log.
 *
 * @param n the number of the last line it has
 * @param endOf the attempt whose end it has seen besides; empty where it has not seen an end
 */
record LogPosition(long n, OptionalInt endOf) {
    static final LogPosition START = new LogPosition(0, OptionalInt.empty());

    private static final Pattern FORM = Pattern.compile("([0-9]{1,18})(?:-end-([0-9]{1,9}))?");

    /** A position as it stands in the request's {@code field}: a line's number, or the id of an end. */
    static LogPosition parse(String field, String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw SlipwayException.invalidField(
                    field,
                    "tried to read `" + field + "` but it is neither a line's number nor the id of an `end` event");
        }
        return new LogPosition(
                Long.parseLong(parts.group(1)),
                parts.group(2) == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(parts.group(2))));
    }

    /** Whether the client has seen an end, and it is the one that the build has now. */
    boolean mayBeEndOf(Build build) {
        return build.status.isFinal() && endOf.isPresent() && endOf.getAsInt() == build.attempt;
    }

    /** The id of the end that a build's log has behind line {@code n}. */
    static String endId(long n, Build build) {
        return n + "-end-" + build.attempt;
    }
}
