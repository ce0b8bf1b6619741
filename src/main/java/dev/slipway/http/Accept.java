package dev.slipway.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which of several media types suits a request best (RFC 9110, 12.5.1). Of equally welcome ones the more precisely named
 * one is taken, then the one that is offered first; what we cannot read is ignored.
 */
public final class Accept {
    private static final Pattern RANGE = Pattern.compile("\\s*([^\\s;/]+)/([^\\s;/]+)\\s*(;.*)?");
    private static final Pattern QUALITY =
            Pattern.compile(".*;\\s*q=(0?\\.[0-9]{1,3}|0\\.?|1(?:\\.0{0,3})?)\\s*(?:;.*)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern ANY_QUALITY = Pattern.compile(".*;\\s*q\\s*=.*", Pattern.CASE_INSENSITIVE);

    private Accept() {}

    /** How welcome a media type is, and how precisely the client named it. */
    private record Welcome(double quality, int precision) {
        boolean isBetterThan(Welcome other) {
            return quality > other.quality || quality == other.quality && precision > other.precision;
        }
    }

    private record Range(String type, String subtype, double quality) {
        int precision(String offered) {
            String[] parts = offered.split("/");
            if (type.equals("*") && subtype.equals("*")) {
                return 1;
            }
            if (!type.equals(parts[0])) {
                return 0;
            }
            return subtype.equals("*") ? 2 : subtype.equals(parts[1]) ? 3 : 0;
        }
    }

    /** The best of the media types {@code offered} for all {@code Accept} fields of a request; empty if none will do. */
    public static Optional<String> choose(List<String> fields, List<String> offered) {
        if (fields.stream().allMatch(String::isBlank)) {
            return Optional.of(offered.getFirst());
        }
        List<Range> ranges = fields.stream()
                .flatMap(field -> Stream.of(field.split(",")))
                .flatMap(Accept::range)
                .toList();
        if (ranges.isEmpty()) {
            return Optional.of(offered.getFirst());
        }
        String best = null;
        Welcome welcome = new Welcome(0, Integer.MAX_VALUE);
        for (String type : offered) {
            Welcome found = welcome(type, ranges);
            if (found.isBetterThan(welcome)) {
                best = type;
                welcome = found;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The most precise range counts, even where a vaguer one is friendlier. */
    private static Welcome welcome(String type, List<Range> ranges) {
        Welcome welcome = new Welcome(0, 0);
        for (Range range : ranges) {
            int precision = range.precision(type);
            if (precision > welcome.precision()) {
                welcome = new Welcome(range.quality(), precision);
            }
        }
        return welcome;
    }

    private static Stream<Range> range(String text) {
        Matcher parts = RANGE.matcher(text.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return Stream.empty();
        }
        String parameters = parts.group(3) == null ? "" : parts.group(3);
        Matcher quality = QUALITY.matcher(parameters);
        if (quality.matches()) {
            return Stream.of(new Range(parts.group(1), parts.group(2), Double.parseDouble(quality.group(1))));
        }
        return ANY_QUALITY.matcher(parameters).matches()
                ? Stream.empty()
                : Stream.of(new Range(parts.group(1), parts.group(2), 1));
    }
}
