package dev.slipway.source;

import java.util.regex.Pattern;

/** Which images a Dockerfile may name: those a registry gives, and no other build's. */
final class ImagePolicy {
    // What the builder would read from the disk, from its own store or from a daemon.
    private static final Pattern TRANSPORT =
            Pattern.compile("(atomic|containers-storage|dir|docker-archive|docker-daemon"
                    + "|oci|oci-archive|ostree|sif|tarball|https?):.*");
    // The builder looks among its own images first, also for a name without a registry.
    private static final Pattern PRIVATE = Pattern.compile("(localhost/)?slipway([/:@].*)?");
    // All that a reference may be made of; what else the builder would read into it, nobody knows.
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._/:@-]+");
    private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9._/:@-]+");
    // Also the names that a stage can have without being taken for an image somewhere.
    private static final Pattern STAGE = Pattern.compile("(?![0-9a-f]{12,64}$)(?!slipway$)[A-Za-z0-9][A-Za-z0-9_.-]*");
    private static final Pattern BY_ID = Pattern.compile("(sha256:.*|@.*|[0-9a-f]{64})");

    private ImagePolicy() {}

    /** Refuses what a stage should not be called. */
    static void judgeStage(Instruction instruction, String stage) {
        if (!STAGE.matcher(stage).matches()) {
            throw instruction.refuse("'" + Refusal.shown(stage) + "' cannot be a stage's name");
        }
    }

    /** The name without its {@code docker://}, if it may be used. */
    static String judge(Instruction instruction, String image) {
        String name = image.startsWith("docker://") ? image.substring("docker://".length()) : image;
        if (name.isBlank()) {
            throw instruction.refuse("it names no image once its variables are replaced");
        }
        if (!PLAIN.matcher(name).matches()) {
            throw instruction.refuse("'" + Refusal.shown(name) + "' cannot be an image's name");
        }
        refuseForbidden(instruction, name);
        return name;
    }

    /**
     * Refuses in what may be an instruction or a script's text only what could name a forbidden image, whatever stands
     * around the name; what is no name at all is text.
     */
    static void judgeText(Instruction instruction, String text) {
        String name = NOT_PLAIN.matcher(text).replaceAll("");
        refuseForbidden(instruction, name.startsWith("docker://") ? name.substring("docker://".length()) : name);
    }

    private static void refuseForbidden(Instruction instruction, String name) {
        if (TRANSPORT.matcher(name).matches()) {
            throw instruction.refuse("'" + Refusal.shown(name) + "' is not from a registry");
        }
        if (BY_ID.matcher(name).matches()) {
            throw instruction.refuse("'" + Refusal.shown(name) + "' names an image by its id");
        }
        if (PRIVATE.matcher(name).matches()) {
            throw instruction.refuse("'" + Refusal.shown(name)
                    + "' is a name the service keeps for itself; write the registry in front if you mean another");
        }
    }
}
