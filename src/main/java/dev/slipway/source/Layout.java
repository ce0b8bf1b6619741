package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where in a source the build stands: the context, a directory of the source, and the Dockerfile's path relative to the
 * context. Both are plain relative paths.
 */
public record Layout(Optional<String> context, Optional<String> dockerfilePath) {
    /** The whole source is the context, and the Dockerfile has its usual name. */
    public static final Layout DEFAULT = new Layout(Optional.empty(), Optional.empty());

    /** Refuses paths that are not plain. */
    public Layout {
        context.ifPresent(Layout::context);
        dockerfilePath.ifPresent(Layout::dockerfile);
    }

    /** The context in a text; refuses what is no plain path. */
    public static String context(String path) {
        plain(path);
        return path;
    }

    /** The Dockerfile's path in a text; refuses what is no plain path to a file. */
    public static String dockerfile(String path) {
        if (plain(path).isEmpty() || path.endsWith("/")) {
            throw refused(path, "names no file");
        }
        return path;
    }

    /** The context's path in parts; none is the source's root. */
    List<String> contextParts() {
        return context.map(Layout::plain).orElse(List.of());
    }

    /** The names to look for, the first that exists is the one. */
    List<List<String>> dockerfileCandidates() {
        return dockerfilePath
                .map(path -> List.of(plain(path)))
                .orElse(List.of(List.of("Dockerfile"), List.of("Containerfile")));
    }

    private static List<String> plain(String path) {
        boolean escapes = path.startsWith("/") || Arrays.asList(path.split("/")).contains("..");
        if (path.isBlank() || escapes || path.codePoints().anyMatch(Character::isISOControl)) {
            throw refused(path, "is no plain path: relative, not blank, without '..' and control characters");
        }
        return Arrays.stream(path.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
    }

    private static SlipwayException refused(String path, String why) {
        return new SlipwayException(
                ErrorCode.REQUEST_INVALID, "tried to read a path but '" + Refusal.shown(path) + "' " + why);
    }
}
