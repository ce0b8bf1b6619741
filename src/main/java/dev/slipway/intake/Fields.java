package dev.slipway.intake;

import dev.slipway.build.BuildOptions;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.image.ImageReference;
import dev.slipway.source.Layout;
import dev.slipway.source.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The fields of a submission as they came, and what they mean. Every refusal names its field as the caller spells it. */
final class Fields {
    private static final List<String> IMAGES = List.of("image", "image_name");
    private static final Map<String, Predicate<String>> PAIRS = Map.of(
            "build_arg", Pattern.compile("[A-Za-z_][A-Za-z0-9_]*").asMatchPredicate(),
            "label", Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]*").asMatchPredicate());
    private static final Set<String> SINGLE = Set.of(
            "context", "dockerfile_path", "target", "platform", "no_cache", "pull", "timeout", "username", "password");
    private static final Set<String> KNOWN = Stream.of(IMAGES, PAIRS.keySet(), SINGLE)
            .flatMap(Collection::stream)
            .collect(Collectors.toUnmodifiableSet());
    private static final int MAX_IMAGES = 32;
    /** They stay in memory and in the row, and become arguments of a process, of which Linux takes 2 MiB. */
    private static final int MAX_SIZE = 512 * 1024;

    private static final Duration MAX_TIMEOUT = Duration.ofHours(24);
    private static final Predicate<String> STAGE_NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*").asMatchPredicate();

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final Spelling spelling;
    private int size;

    Fields(Spelling spelling) {
        this.spelling = spelling;
    }

    /** Whether there is a field of this name. */
    static boolean isKnown(String name) {
        return KNOWN.contains(name);
    }

    void add(String name, String value) {
        if (!isKnown(name)) {
            Set<String> known = KNOWN.stream().map(spelling::of).collect(Collectors.toCollection(TreeSet::new));
            throw invalid(name, "there is no such field, only " + known);
        }
        checkSize(name, value);
        List<String> given = values.computeIfAbsent(name, n -> new ArrayList<>());
        if (!given.isEmpty() && SINGLE.contains(name)) {
            throw invalid(name, "it is given twice");
        }
        if (value.indexOf('\0') >= 0) {
            throw invalid(name, "it holds a NUL");
        }
        if (value.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw invalid(name, "it holds half a character"); // no text that UTF-8 can express
        }
        given.add(value);
    }

    /** A pair whose name came by itself: it must not become another one by what it holds. */
    void add(String name, String key, String value) {
        checkKey(name, key);
        add(name, key + "=" + value);
    }

    private void checkSize(String name, String value) {
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        if (length > Submission.MAX_FIELD) {
            throw tooLarge(name, "it is longer than " + Submission.MAX_FIELD + " bytes");
        }
        size += name.length() + length;
        if (size > MAX_SIZE) {
            throw tooLarge(name, "all fields together are longer than " + MAX_SIZE + " bytes");
        }
    }

    Optional<String> one(String name) {
        return values.getOrDefault(name, List.of()).stream().findFirst();
    }

    List<ImageReference> images(ImageReference.Home home) {
        List<ImageReference> images = new ArrayList<>();
        for (String name : IMAGES) {
            values.getOrDefault(name, List.of())
                    .forEach(text -> images.add(judged(name, text, given -> ImageReference.target(given, home))));
        }
        if (images.isEmpty()) {
            throw invalid("image", "it is missing");
        }
        if (images.size() > MAX_IMAGES) {
            throw invalid("image", "there are more than " + MAX_IMAGES);
        }
        return images.stream().distinct().toList();
    }

    BuildOptions options() {
        return new BuildOptions(
                judged("context", Layout::context),
                judged("dockerfile_path", Layout::dockerfile),
                pairs("build_arg"),
                pairs("label"),
                stage(),
                judged("platform", text -> {
                    Platform.parse(text);
                    return text;
                }),
                flag("no_cache"),
                flag("pull"),
                one("timeout").map(this::timeout));
    }

    Optional<Credentials> credentials() {
        Optional<String> username = one("username");
        Optional<String> password = one("password");
        if (username.isPresent() != password.isPresent()) {
            throw invalid(username.isPresent() ? "password" : "username", "it is missing beside the other one");
        }
        return username.map(
                user -> Credentials.of(spelling.of("username"), user, spelling.of("password"), password.orElseThrow()));
    }

    private <T> Optional<T> judged(String name, Function<String, T> parser) {
        return one(name).map(text -> judged(name, text, parser));
    }

    private <T> T judged(String name, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (SlipwayException e) {
            throw e.in(spelling.of(name));
        }
    }

    private Optional<String> stage() {
        one("target").filter(STAGE_NAME.negate()).ifPresent(bad -> {
            throw invalid("target", "\"" + printable(bad) + "\" is not a stage's name or number");
        });
        return one("target");
    }

    /** {@code K=V}; without {@code =} buildah would take the value from the environment, which nobody may ask for. */
    private Map<String, String> pairs(String name) {
        Map<String, String> pairs = new TreeMap<>(); // their order means nothing
        for (String pair : values.getOrDefault(name, List.of())) {
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw invalid(name, "\"" + printable(pair) + "\" is not of the form NAME=value");
            }
            checkKey(name, pair.substring(0, equals));
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return pairs;
    }

    private void checkKey(String name, String key) {
        if (!PAIRS.get(name).test(key)) {
            throw invalid(name, "\"" + printable(key) + "\" cannot be the name of one, in NAME=value");
        }
    }

    private boolean flag(String name) {
        return one(name)
                .map(text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "1", "yes", "on", "" -> true;
                    case "false", "0", "no", "off" -> false;
                    default -> throw invalid(name, "\"" + printable(text) + "\" is neither true nor false");
                })
                .orElse(false);
    }

    private Duration timeout(String text) {
        Duration timeout;
        try {
            timeout = text.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw invalid(
                    "timeout", "\"" + printable(text) + "\" is neither seconds nor an ISO-8601 duration like PT10M");
        }
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw invalid("timeout", "it is not between 1 second and 24 hours");
        }
        return timeout;
    }

    /** A field that is missing, given twice or of the wrong form. */
    SlipwayException invalid(String name, String why) {
        return refused(ErrorCode.REQUEST_INVALID, name, why);
    }

    private SlipwayException tooLarge(String name, String why) {
        return refused(ErrorCode.REQUEST_TOO_LARGE, name, why);
    }

    private SlipwayException refused(ErrorCode code, String name, String why) {
        String field = printable(spelling.of(name));
        return new SlipwayException(
                code, "tried to read the field `" + field + "` but " + why, Map.of("field", field), null);
    }

    private static String printable(String text) {
        String start = text.codePointCount(0, text.length()) > 80
                ? text.substring(0, text.offsetByCodePoints(0, 80)) + "…"
                : text;
        return start.codePoints()
                .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
