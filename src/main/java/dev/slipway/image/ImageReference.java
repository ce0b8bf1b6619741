package dev.slipway.image;

import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A fully qualified image reference: registry host, repository, and a tag or a digest.
 *
 * <p>The grammar is that of distribution/reference, checked by jib-core; what a missing host means is ours.
 */
public record ImageReference(String registry, String repository, Optional<String> tag, Optional<String> digest) {
    /** The registry that an image without a host is pulled from, as every container tool has it. */
    public static final String DOCKER_HUB = "docker.io";

    private static final String LATEST = "latest";
    /** distribution/reference limits a name to 255 characters and a tag to 128; with a digest the whole stays below. */
    private static final int MAX_LENGTH = 500;

    private static final int MAX_NAME_LENGTH = 255;
    /** jib-core is lenient about what may stand around a reference; this is not. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9\\[][A-Za-z0-9._:/@\\[\\]-]*");

    /** As the distribution specification has it. */
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    /** Where a reference without a host goes. */
    public record Home(Optional<String> registry, Optional<String> namespace) {}

    /** Whether a text has the form of a tag. */
    public static boolean isTag(String text) {
        return TAG.matcher(text).matches();
    }

    /**
     * The reference a build pushes to: without a host it goes to the {@code home}'s registry, and a single name there
     * into its namespace; without a tag it is {@code latest}.
     *
     * @throws SlipwayException {@link ErrorCode#IMAGE_NAME_INVALID} if it is no reference, has a digest, or has no host
     *     and {@code home} has none
     */
    public static ImageReference target(String text, Home home) {
        check(text);
        String qualified = text;
        if (!hasRegistry(text)) {
            String registry = home.registry()
                    .orElseThrow(() -> refused(
                            text,
                            "it names no registry and this service has no default one; write it as registry.example.com/"
                                    + text));
            qualified = registry + "/"
                    + (text.contains("/")
                            ? ""
                            : home.namespace().map(n -> n + "/").orElse("")) + text;
        }
        ImageReference reference = parse(qualified, text);
        if (reference.digest.isPresent()) {
            throw refused(text, "an image cannot be pushed to a digest, only to a tag");
        }
        return reference;
    }

    /**
     * The reference an image is pulled from: without a host it is Docker Hub's, a single name there is in
     * {@code library/}.
     *
     * @throws SlipwayException {@link ErrorCode#IMAGE_NAME_INVALID} if it is no reference
     */
    public static ImageReference base(String text) {
        check(text);
        if (hasRegistry(text)) {
            return parse(text, text);
        }
        return parse(DOCKER_HUB + "/" + (text.contains("/") ? "" : "library/") + text, text);
    }

    /** The reference that an earlier {@link #toString()} gave, for example one from our own database. */
    public static ImageReference qualified(String text) {
        check(text);
        return parse(text, text);
    }

    private static void check(String text) {
        if (text.isEmpty()) {
            throw refused(text, "it is empty");
        }
        if (text.length() > MAX_LENGTH) {
            throw refused(text.substring(0, 40) + "…", "it is longer than " + MAX_LENGTH + " characters");
        }
        if (!PLAIN.matcher(text).matches()) {
            throw refused(text, "a reference is [registry[:port]/]name[:tag] and holds nothing else");
        }
    }

    private static ImageReference parse(String qualified, String asGiven) {
        int slash = qualified.indexOf('/');
        String registry = qualified.substring(0, slash).toLowerCase(Locale.ROOT);
        com.google.cloud.tools.jib.api.ImageReference parsed;
        try {
            parsed = com.google.cloud.tools.jib.api.ImageReference.parse(qualified);
        } catch (InvalidImageReferenceException e) {
            boolean upperCase = !qualified
                    .substring(slash)
                    .equals(qualified.substring(slash).toLowerCase(Locale.ROOT));
            throw refused(
                    asGiven,
                    upperCase
                            ? "a repository is written in lower case, a reference as [registry[:port]/]name[:tag]"
                            : "a reference is written as [registry[:port]/]name[:tag]");
        }
        String repository = repositoryOf(qualified.substring(slash + 1));
        if (registry.length() + 1 + repository.length() > MAX_NAME_LENGTH) {
            throw refused(shorten(asGiven), "its name is longer than " + MAX_NAME_LENGTH + " characters");
        }
        Optional<String> digest = parsed.getDigest();
        // jib fills in "latest" where neither tag nor digest was given, and drops the tag beside a digest
        Optional<String> tag = digest.isPresent()
                ? Optional.empty()
                : Optional.of(parsed.getTag().orElse(LATEST));
        return new ImageReference(registry, repository, tag, digest);
    }

    private static String repositoryOf(String path) {
        int at = path.indexOf('@');
        String named = at < 0 ? path : path.substring(0, at);
        int colon = named.lastIndexOf(':');
        return colon < 0 ? named : named.substring(0, colon);
    }

    /** Docker's rule: the part before the first slash is a host if it has a dot or a port, or is localhost. */
    private static boolean hasRegistry(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return false;
        }
        String first = text.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }

    private static SlipwayException refused(String text, String why) {
        return new SlipwayException(
                ErrorCode.IMAGE_NAME_INVALID,
                "tried to read an image name but \"" + printable(text) + "\" cannot be one: " + why);
    }

    private static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** The name without tag and digest, for example {@code registry.example.com/team/app}. */
    public String name() {
        return registry + "/" + repository;
    }

    /** The same name with another tag. */
    public ImageReference withTag(String newTag) {
        return new ImageReference(registry, repository, Optional.of(newTag), Optional.empty());
    }

    /** The whole reference as registries and tools write it. */
    @Override
    public String toString() {
        return name()
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
