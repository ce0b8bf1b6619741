package dev.slipway.facade.job;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A tag of a repository at GitHub: where its archive is. */
record GithubTag(String username, String repository, String tag) {
    private static final String USERNAME = "github_username";
    private static final String REPOSITORY = "github_reponame";
    private static final String TAG = "github_tag";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,100}");
    /** What git-check-ref-format(1) forbids, and what would leave the path. */
    private static final Pattern BAD_TAG = Pattern.compile("[\\x00-\\x20\\x7f~^:?*\\[\\\\]|\\.\\.|@\\{|//|^/|/$|\\.$");

    private static final int MAX_TAG = 255;

    /** The tag that a request names; empty where it names none. */
    static Optional<GithubTag> of(JobRequest request) {
        List<String> keys = List.of(USERNAME, REPOSITORY, TAG);
        if (keys.stream().noneMatch(key -> request.get(key).isPresent())) {
            return Optional.empty();
        }
        keys.stream().filter(key -> request.get(key).isEmpty()).findFirst().ifPresent(missing -> {
            throw JobRequest.refused(missing, "it is missing, and the others of its kind are there");
        });
        return Optional.of(new GithubTag(
                name(USERNAME, request.get(USERNAME).orElseThrow()),
                name(REPOSITORY, request.get(REPOSITORY).orElseThrow()),
                tag(request.get(TAG).orElseThrow())));
    }

    private static String name(String key, String value) {
        if (!NAME.matcher(value).matches() || value.equals(".") || value.equals("..")) {
            throw JobRequest.refused(key, "it cannot be a name there");
        }
        return value;
    }

    private static String tag(String value) {
        if (value.length() > MAX_TAG || BAD_TAG.matcher(value).find() || value.equals(".")) {
            throw JobRequest.refused(TAG, "it cannot be the name of a tag");
        }
        return value;
    }

    /** The tag's archive, which has one directory on top. */
    String archive(URI github) {
        String path = Arrays.stream(tag.split("/"))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
        return github.toString().replaceFirst("/$", "") + "/" + username + "/" + repository + "/archive/refs/tags/"
                + path + ".tar.gz";
    }
}
