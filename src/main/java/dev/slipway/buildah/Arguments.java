package dev.slipway.buildah;

import dev.slipway.image.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** buildah's command lines, as pure functions. Paths are those inside a sandbox; a secret is never among them. */
final class Arguments {
    /** Where login keeps the registry's answer: a file system in memory that ends with the sandbox. */
    private static final String AUTH_FILE = "/run/auth.json";

    /** Lets no step have the sandbox's own files for its own, whatever buildah was talked into mounting. */
    private static final List<String> GUARD = List.of("perl", "-e", Resource.text("guard.pl"), "--");

    private static final String STAGE = "oci:/stage:image";

    private final List<String> global;

    Arguments(String storageDriver) {
        this.global = List.of(
                "buildah", "--root", "/slot", "--runroot", "/run/containers", "--storage-driver", storageDriver);
    }

    List<String> login(String host, String username) {
        return command("login", "--authfile", AUTH_FILE, "--username=" + username, "--password-stdin", "--", host);
    }

    List<String> pull(ImageReference image, boolean always, Optional<String> platform, boolean loggedIn) {
        List<String> argv = command("pull", "--policy", always ? "always" : "missing");
        platform.ifPresent(p -> argv.add("--platform=" + p));
        if (loggedIn) {
            argv.addAll(List.of("--authfile", AUTH_FILE));
        }
        argv.addAll(List.of("--", "docker://" + image));
        return argv;
    }

    List<String> bud(Bud bud) {
        List<String> argv = guarded(
                "bud",
                "--isolation=chroot",
                // chroot is no boundary for who has this capability: without it RUN stays in its root
                "--cap-drop=CAP_SYS_CHROOT",
                // else a proxy's URL, and the password in it, reach RUN
                "--http-proxy=false",
                // images come from PULL, in a sandbox that may have passwords; this one has none
                "--pull=never",
                "--layers",
                // else a step that fails leaves its container and all it wrote in the slot
                "--force-rm",
                "--iidfile=/out/image-id");
        if (bud.noCache()) {
            argv.add("--no-cache");
        }
        bud.platform().ifPresent(p -> argv.add("--platform=" + p));
        bud.target().ifPresent(t -> argv.add("--target=" + t));
        bud.buildArgs().forEach((key, value) -> argv.add("--build-arg=" + key + "=" + value));
        bud.labels().forEach((key, value) -> argv.add("--label=" + key + "=" + value));
        String context = bud.context().map(c -> "/context/" + c).orElse("/context");
        argv.add("--file=" + context + "/" + bud.dockerfile());
        argv.addAll(List.of("--", context));
        return argv;
    }

    List<String> tag(String imageId, String name) {
        return command("tag", "--", imageId, name);
    }

    List<String> push(String imageId, ImageReference target, boolean loggedIn) {
        List<String> argv = command("push", "--digestfile=/out/digest");
        if (loggedIn) {
            argv.addAll(List.of("--authfile", AUTH_FILE));
        }
        argv.addAll(List.of("--", imageId, "docker://" + target));
        return argv;
    }

    List<String> saveStage(String imageId) {
        return command("push", "--quiet", "--", imageId, STAGE);
    }

    List<String> loadStage() {
        return command("pull", "--quiet", "--", STAGE);
    }

    List<String> images() {
        return command("images", "--all", "--quiet", "--no-trunc");
    }

    /** Those with a name, and those that no other image was made from. */
    List<String> leafImages() {
        return command("images", "--no-trunc", "--json");
    }

    /** What only they were made from goes with them. */
    List<String> removeImages(List<String> ids) {
        List<String> argv = command("rmi", "--force", "--");
        argv.addAll(ids);
        return argv;
    }

    List<String> removeContainers() {
        return command("rm", "--all");
    }

    /** What a build is held by, on a command that shows whether it works here. */
    List<String> guardedImages() {
        return guarded("images", "--all", "--quiet", "--no-trunc");
    }

    private List<String> guarded(String... words) {
        List<String> argv = new ArrayList<>(GUARD);
        argv.addAll(command(words));
        return argv;
    }

    private List<String> command(String... words) {
        List<String> argv = new ArrayList<>(global);
        argv.addAll(List.of(words));
        return argv;
    }
}
