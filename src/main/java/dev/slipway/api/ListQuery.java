package dev.slipway.api;

import dev.slipway.build.BuildFilter;
import dev.slipway.build.BuildStatus;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.Query;
import dev.slipway.image.ImageReference;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The query of a list of builds. */
final class ListQuery {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 200;

    private ListQuery() {}

    /** Reads it as it stands in the address; null where there is none. */
    static BuildFilter parse(ImageReference.Home home, String query) {
        List<Map.Entry<String, String>> given = Query.parse(query);
        return new BuildFilter(
                Query.single(given, "status").map(ListQuery::status),
                Query.single(given, "image").map(text -> image(text, home)),
                Optional.empty(),
                Query.single(given, "cursor")
                        .map(text -> number("cursor", text, Long.MAX_VALUE))
                        .orElse(Long.MAX_VALUE),
                Query.single(given, "limit")
                        .map(text -> (int) number("limit", text, MAX_LIMIT))
                        .orElse(DEFAULT_LIMIT));
    }

    /** Resolved as a target is; but a name without a tag stays one, and stands for all its tags. */
    private static String image(String text, ImageReference.Home home) {
        ImageReference resolved = target(text, home);
        boolean tagged = text.substring(text.lastIndexOf('/') + 1).contains(":");
        return tagged ? resolved.toString() : resolved.name();
    }

    private static ImageReference target(String text, ImageReference.Home home) {
        try {
            return ImageReference.target(text, home);
        } catch (SlipwayException e) {
            throw e.in("image");
        }
    }

    private static BuildStatus status(String text) {
        return Arrays.stream(BuildStatus.values())
                .filter(status -> status.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> SlipwayException.invalidField(
                        "status",
                        "tried to read the query parameter `status` but it is none of "
                                + Arrays.toString(BuildStatus.values())));
    }

    private static long number(String name, String text, long max) {
        if (text.matches("[0-9]{1,18}")) {
            long number = Long.parseLong(text);
            if (number >= 1 && number <= max) {
                return number;
            }
        }
        throw SlipwayException.invalidField(
                name,
                "tried to read the query parameter `" + name + "` but it is not a number from 1"
                        + (max < Long.MAX_VALUE ? " to " + max : " on"));
    }
}
