package dev.slipway.http;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request prefers (RFC 7240): to wait so many seconds for the outcome, to be answered at once. Preferences we do
 * not know and values we cannot read are ignored, as the RFC asks; of repeated ones the first counts.
 */
public record Prefer(OptionalInt waitSeconds, boolean respondAsync) {
    /** No preference. */
    public static final Prefer NOTHING = new Prefer(OptionalInt.empty(), false);

    /** One preference with its parameters: up to the next comma outside quotes. */
    private static final Pattern PREFERENCE = Pattern.compile("(?:[^\",]|\"(?:[^\"\\\\]|\\\\.)*+\"?+)++");

    /** The preference without its parameters: a name, or a name and a value that may be quoted. */
    private static final Pattern NAME_AND_VALUE =
            Pattern.compile("([^\\s=;]++)(?:\\s*+=\\s*+\"?+([^\\s\";]*+)\"?+)?+.*+");

    /** The preferences of all {@code Prefer} fields of a request. */
    public static Prefer of(Collection<String> fields) {
        OptionalInt wait = OptionalInt.empty();
        Set<String> seen = new HashSet<>();
        for (String field : fields) {
            Matcher preference = PREFERENCE.matcher(field);
            while (preference.find()) {
                Matcher parts = NAME_AND_VALUE.matcher(preference.group().strip());
                if (parts.matches()
                        && seen.add(parts.group(1).toLowerCase(Locale.ROOT))
                        && parts.group(1).equalsIgnoreCase("wait")) {
                    wait = seconds(parts.group(2));
                }
            }
        }
        return new Prefer(wait, seen.contains("respond-async"));
    }

    private static OptionalInt seconds(String value) {
        if (value == null || !value.matches("[0-9]+")) {
            return OptionalInt.empty();
        }
        // Longer than any wait that is granted; whoever grants it caps it.
        return OptionalInt.of(value.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(value));
    }
}
