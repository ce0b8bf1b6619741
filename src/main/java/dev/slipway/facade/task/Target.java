package dev.slipway.facade.task;

import dev.slipway.build.Build;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.image.ImageReference;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.regex.Pattern;

/** Where an image goes in this format: a user's repository in the default registry, and a tag. */
record Target(String user, String repo, String tag) {
    /** With a dot it would be a host to whoever reads {@code user/repo}. */
    private static final Pattern USER = Pattern.compile("[a-z0-9]+(?:(?:_{1,2}|-+)[a-z0-9]+)*");
    /** One component of a repository, as the distribution specification has it. */
    private static final Pattern REPO = Pattern.compile("[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*");

    private static final int MAX_NAME = 255;

    /** Refuses what would lead to another registry, another path or another tag than it says. */
    void check(ImageReference.Home home) {
        // first the length: an expression that backtracks is no match for an endless text
        if (user.length() > MAX_NAME || !USER.matcher(user).matches() || user.equals("localhost")) {
            throw TaskForm.refused(
                    TaskForm.USER,
                    "it is not the name of a user: lower-case letters and digits, with _ or - between them");
        }
        if (repo.length() > MAX_NAME || !REPO.matcher(repo).matches()) {
            throw TaskForm.refused(
                    TaskForm.REPO,
                    "it is not the name of a repository: lower-case letters and digits, with . _ or - between them");
        }
        if (!ImageReference.isTag(tag)) {
            throw TaskForm.refused(
                    TaskForm.TAG, "it is not the form of a tag: up to 128 letters, digits and _, with . or - behind");
        }
        if (home.registry().isEmpty()) {
            throw new SlipwayException(
                    ErrorCode.IMAGE_NAME_INVALID,
                    "tried to name the image but this service has no default registry to push it to",
                    Map.of("field", TaskForm.REPO),
                    null);
        }
    }

    /** As this format writes it. */
    String reference() {
        return user + "/" + repo + ":" + tag;
    }

    /** What a build remembers of its form. */
    String toOrigin(String dockerfile) {
        return new JsonObject()
                .put(TaskForm.USER, user)
                .put(TaskForm.REPO, repo)
                .put(TaskForm.TAG, tag)
                .put(TaskForm.DOCKERFILE, dockerfile)
                .encode();
    }

    /** What a build of this format remembers. */
    static Target of(Build build) {
        JsonObject fields = new JsonObject(build.originFields);
        return new Target(
                fields.getString(TaskForm.USER), fields.getString(TaskForm.REPO), fields.getString(TaskForm.TAG));
    }
}
