package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Dockerfile: its path relative to the context, and what it says about the images it needs. */
public final class Dockerfile {
    private final String path;
    private final String text;
    private final DockerfileLines lines;

    private Dockerfile(String path, String text) {
        this.path = path;
        this.text = text;
        this.lines = new DockerfileLines(text, true);
    }

    /** Reads a Dockerfile's text; one without a FROM is none. */
    public static Dockerfile parse(String path, String text) {
        Dockerfile dockerfile = new Dockerfile(path, text);
        if (dockerfile.lines.instructions().stream()
                .noneMatch(instruction -> instruction.keyword().equals("FROM"))) {
            throw new SlipwayException(
                    ErrorCode.DOCKERFILE_POLICY,
                    "tried to read the Dockerfile '" + Refusal.shown(path) + "' but it has no FROM");
        }
        return dockerfile;
    }

    /** The path relative to the context, as the build names it. */
    public String path() {
        return path;
    }

    /** The text as it was handed in. */
    public String text() {
        return text;
    }

    /**
     * The images from outside that a build of {@code target} (or of everything) may need, as FROM, {@code COPY --from} and
     * {@code RUN --mount=from=} name them, once each and in order. Refuses with {@code dockerfile-policy}, naming the line,
     * what is not from a registry, belongs to another build, or cannot be resolved.
     */
    public List<String> images(Map<String, String> buildArgs, Optional<String> target, Platform platform) {
        if (lines.hasHeredocs()) {
            DockerfileLines flat = new DockerfileLines(text, false);
            new ImageNames(flat, new BuildVariables(buildArgs, platform), Optional.empty()).judgeAll();
        }
        return new ImageNames(lines, new BuildVariables(buildArgs, platform), target).gather();
    }
}
