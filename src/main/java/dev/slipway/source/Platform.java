package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** For which system an image is, for example {@code linux/arm64/v8}. */
public record Platform(String os, String architecture, Optional<String> variant) {
    private static final Pattern FORM =
            Pattern.compile("([a-z0-9][a-z0-9_-]*)/([a-z0-9][a-z0-9_-]*)(?:/([a-z0-9][a-z0-9_.-]*))?");
    private static final Map<String, String> ARCHITECTURES =
            Map.of("x86_64", "amd64", "aarch64", "arm64", "x86", "386");

    /** The platform in a text; refuses what is none. */
    public static Platform parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_INVALID,
                    "tried to read a platform but '" + Refusal.shown(text)
                            + "' has not the form os/architecture[/variant], as linux/arm64 has");
        }
        return new Platform(matcher.group(1), matcher.group(2), Optional.ofNullable(matcher.group(3)));
    }

    /** The platform that was asked for, or else this machine. */
    public static Platform of(Optional<String> requested) {
        return requested.map(Platform::parse).orElseGet(Platform::host);
    }

    /** This machine. */
    public static Platform host() {
        String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return new Platform("linux", ARCHITECTURES.getOrDefault(architecture, architecture), Optional.empty());
    }

    @Override
    public String toString() {
        return os + "/" + architecture + variant.map(each -> "/" + each).orElse("");
    }
}
