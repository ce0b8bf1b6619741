package dev.slipway.buildah;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image in a slot's store.
 *
 * @param id without {@code sha256:}
 * @param size roughly, with what it shares with others
 */
public record StoredImage(String id, List<String> names, long size, Instant created) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SIZE = Pattern.compile("([0-9.]+) ?([kKMGT]?)B?");
    private static final Map<String, Double> UNITS = Map.of("", 1.0, "K", 1e3, "M", 1e6, "G", 1e9, "T", 1e12);

    /** What {@code buildah images --json --no-trunc} says. */
    static List<StoredImage> parse(String json) {
        List<StoredImage> images = new ArrayList<>();
        try {
            for (JsonNode image : JSON.readTree(json)) {
                List<String> names = new ArrayList<>();
                image.path("names").forEach(name -> names.add(name.asText()));
                images.add(new StoredImage(
                        image.path("id").asText().replaceFirst("^sha256:", ""),
                        List.copyOf(names),
                        bytes(image.path("size").asText()),
                        Instant.ofEpochSecond(image.path("created").asLong())));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("tried to read buildah's list of images but it is no JSON", e);
        }
        return images;
    }

    /** It is written for people: {@code 1.99 MB}. */
    private static long bytes(String size) {
        Matcher parts = SIZE.matcher(size);
        return parts.matches()
                ? (long) (Double.parseDouble(parts.group(1))
                        * UNITS.get(parts.group(2).toUpperCase(Locale.ROOT)))
                : 0;
    }
}
