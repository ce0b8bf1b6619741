package dev.slipway.intake;

import dev.slipway.build.BuildOptions;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.image.ImageReference;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The fields of a submission as they came, and what they mean. Every refusal names its field. */
final class Fields {
    private static final Set<String> REPEATABLE = Set.of("image", "image_name", "build_arg", "label");
    private static final Set<String> SINGLE = Set.of(
            "context", "dockerfile_path", "target", "platform", "no_cache", "pull", "timeout", "username", "password");
    private static final int MAX_IMAGES = 32;
    /** They stay in memory and in the row, and become arguments of a process, of which Linux takes 2 MiB. */
    private static final int MAX_SIZE = 512 * 1024;

    private static final Duration MAX_TIMEOUT = Duration.ofHours(24);

    private static final Predicate<String> ARG_NAME =
            Pattern.compile("[A-Za-z_][A-Za-z0-9_]*").asMatchPredicate();
    private static final Predicate<String> LABEL_NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]*").asMatchPredicate();
    private static final Predicate<String> STAGE_NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*").asMatchPredicate();
    private static final Predicate<String> PLATFORM =
            Pattern.compile("[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?").asMatchPredicate();

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private int size;

    void add(String name, String value) {
        if (!REPEATABLE.contains(name) && !SINGLE.contains(name)) {
            Set<String> known = new TreeSet<>(SINGLE);
            known.addAll(REPEATABLE);
            throw SlipwayException.invalidField(
                    name,
                    "tried to read the field `" + printable(name) + "` but there is no such field, only " + known);
        }
        size += name.length() + value.length();
        if (size > MAX_SIZE) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_TOO_LARGE,
                    "tried to read the field `" + name + "` but all fields together are longer than " + MAX_SIZE
                            + " characters");
        }
        List<String> given = values.computeIfAbsent(name, n -> new ArrayList<>());
        if (!given.isEmpty() && SINGLE.contains(name)) {
            throw SlipwayException.invalidField(name, "tried to read the field `" + name + "` but it is given twice");
        }
        if (value.indexOf('\0') >= 0) {
            throw SlipwayException.invalidField(name, "tried to read the field `" + name + "` but it holds a NUL");
        }
        given.add(value);
    }

    Optional<String> one(String name) {
        return values.getOrDefault(name, List.of()).stream().findFirst();
    }

    List<ImageReference> images(ImageReference.Home home) {
        List<String> given = new ArrayList<>(values.getOrDefault("image", List.of()));
        given.addAll(values.getOrDefault("image_name", List.of()));
        if (given.isEmpty()) {
            throw SlipwayException.invalidField("image", "tried to read the field `image` but it is missing");
        }
        if (given.size() > MAX_IMAGES) {
            throw SlipwayException.invalidField(
                    "image", "tried to read the field `image` but there are more than " + MAX_IMAGES);
        }
        return given.stream()
                .map(text -> ImageReference.target(text, home))
                .distinct()
                .toList();
    }

    BuildOptions options() {
        return new BuildOptions(
                nonEmpty("context"),
                nonEmpty("dockerfile_path"),
                pairs("build_arg", ARG_NAME),
                pairs("label", LABEL_NAME),
                matching("target", STAGE_NAME, "a stage's name or number"),
                matching("platform", PLATFORM, "of the form linux/amd64 or linux/arm/v7"),
                flag("no_cache"),
                flag("pull"),
                one("timeout").map(Fields::timeout));
    }

    private Optional<String> nonEmpty(String name) {
        one(name).filter(String::isEmpty).ifPresent(empty -> {
            throw SlipwayException.invalidField(name, "tried to read the field `" + name + "` but it is empty");
        });
        return one(name);
    }

    private Optional<String> matching(String name, Predicate<String> form, String description) {
        one(name).filter(form.negate()).ifPresent(bad -> {
            throw SlipwayException.invalidField(
                    name,
                    "tried to read the field `" + name + "` but \"" + printable(bad) + "\" is not " + description);
        });
        return one(name);
    }

    /** {@code K=V}; without {@code =} buildah would take the value from the environment, which nobody may ask for. */
    private Map<String, String> pairs(String name, Predicate<String> key) {
        Map<String, String> pairs = new TreeMap<>(); // their order means nothing
        for (String pair : values.getOrDefault(name, List.of())) {
            int equals = pair.indexOf('=');
            if (equals <= 0 || !key.test(pair.substring(0, equals))) {
                throw SlipwayException.invalidField(
                        name,
                        "tried to read the field `" + name + "` but \"" + printable(pair)
                                + "\" is not of the form NAME=value");
            }
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return pairs;
    }

    private boolean flag(String name) {
        return one(name)
                .map(text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "1", "yes", "on", "" -> true;
                    case "false", "0", "no", "off" -> false;
                    default ->
                        throw SlipwayException.invalidField(
                                name,
                                "tried to read the field `" + name + "` but \"" + printable(text)
                                        + "\" is neither true nor false");
                })
                .orElse(false);
    }

    private static Duration timeout(String text) {
        Duration timeout;
        try {
            timeout = text.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw SlipwayException.invalidField(
                    "timeout",
                    "tried to read the field `timeout` but \"" + printable(text)
                            + "\" is neither seconds nor an ISO-8601 duration like PT10M");
        }
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw SlipwayException.invalidField(
                    "timeout", "tried to read the field `timeout` but it is not between 1 second and 24 hours");
        }
        return timeout;
    }

    private static String printable(String text) {
        String start = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return start.codePoints()
                .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
