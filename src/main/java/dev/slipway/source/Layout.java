package dev.slipway.source;

import dev.slipway.error.SlipwayException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where in a source the build stands: the context, a directory of the source, and the Dockerfile's path relative to the
 * context. Both are plain relative paths.
 *
 * @param stripRoot whether the only directory at the archive's top is taken for the source's root
 */
public record Layout(Optional<String> context, Optional<String> dockerfilePath, boolean stripRoot) {
    /** The whole source is the context, and the Dockerfile has its usual name. */
    public static final Layout DEFAULT = new Layout(Optional.empty(), Optional.empty());

    /** The archive's top is the source's root. */
    public Layout(Optional<String> context, Optional<String> dockerfilePath) {
        this(context, dockerfilePath, false);
    }

    /** Refuses paths that are not plain. */
    public Layout {
        context.ifPresent(path -> plain("context", path));
        dockerfilePath.ifPresent(path -> {
            if (plain("dockerfile_path", path).isEmpty() || path.endsWith("/")) {
                throw SlipwayException.invalidField(
                        "dockerfile_path", "tried to read dockerfile_path but it names no file");
            }
        });
    }

    /** The context's path in parts; none is the source's root. */
    List<String> contextParts() {
        return context.map(path -> plain("context", path)).orElse(List.of());
    }

    /** The names to look for, the first that exists is the one. */
    List<List<String>> dockerfileCandidates() {
        return dockerfilePath
                .map(path -> List.of(plain("dockerfile_path", path)))
                .orElse(List.of(List.of("Dockerfile"), List.of("Containerfile")));
    }

    private static List<String> plain(String field, String path) {
        boolean escapes = path.startsWith("/") || Arrays.asList(path.split("/")).contains("..");
        if (escapes || path.codePoints().anyMatch(Character::isISOControl)) {
            throw SlipwayException.invalidField(
                    field,
                    "tried to read " + field + " but '" + Refusal.shown(path)
                            + "' is no plain path: relative, without '..' and control characters");
        }
        return Arrays.stream(path.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
    }
}
