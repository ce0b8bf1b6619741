package dev.slipway.http;

import dev.slipway.error.ErrorCode;

/** What somebody can do about each kind of error. */
final class Advice {
    private Advice() {}

    static String on(ErrorCode code) {
        return switch (code) {
            case REQUEST_INVALID ->
                "Correct the part that the detail names: a field, a parameter or a header that is missing, given twice,"
                        + " or of the wrong form.";
            case ARCHIVE_CORRUPT ->
                "Make the archive again and send all of it: a tar, plain or packed with gzip, bzip2, xz or zstd.";
            case ARCHIVE_TRAILING_DATA -> "Send the archive alone: other data comes behind its end.";
            case UNAUTHENTICATED -> "Send credentials that this service knows.";
            case FORBIDDEN -> "Ask whoever runs the service for the right to do this.";
            case NOT_FOUND ->
                "Check the address. A build may have been deleted; the list of builds shows those there are.";
            case METHOD_NOT_ALLOWED -> "Use one of the methods that the Allow header names.";
            case NOT_ACCEPTABLE ->
                "Leave the Accept header away, or let it take what the description of the API names.";
            case REQUEST_TIMEOUT -> "Send the body again, faster or in one go.";
            case BUILD_STATE_CONFLICT ->
                "Look at the build's status. Cancel it before deleting it; retry it once it has failed or was cancelled.";
            case CREDENTIALS_REQUIRED ->
                "Send username and password with the retry: a build's own are erased when it ends.";
            case SOURCE_GONE -> "Hand the source in again, as a new build.";
            case REQUEST_TOO_LARGE, ARCHIVE_TOO_LARGE, ARCHIVE_TOO_MANY_ENTRIES, ARCHIVE_NAME_TOO_LONG ->
                "Leave out what the build does not need, or ask whoever runs the service for a higher limit.";
            case ARCHIVE_MEMORY_LIMIT -> "Pack the archive with a smaller dictionary or window, or not at all.";
            case UNSUPPORTED_MEDIA_TYPE ->
                "Send the source as a tar, plain or packed with gzip, bzip2, xz or zstd, as a part of a form or as the"
                        + " body.";
            case IMAGE_NAME_INVALID ->
                "Write the image as [registry[:port]/]name[:tag], its name in lower case and without a digest.";
            case DOCKERFILE_MISSING ->
                "Put a Dockerfile at the top of the context, or say where it is in dockerfile_path.";
            case DOCKERFILE_POLICY ->
                "Change the line that the detail names: images come from registries, and their names have to be clear"
                        + " once the build arguments stand in them.";
            case ARCHIVE_PATH_ESCAPE, ARCHIVE_LINK_ESCAPE, ARCHIVE_ENTRY_NAME ->
                "Make the archive again from within its directory, with relative names that do not lead through links.";
            case ARCHIVE_ENTRY_TYPE ->
                "Leave out devices, pipes and sockets: an archive holds files, directories and links.";
            case ARCHIVE_DUPLICATE_ENTRY -> "Give each name to one thing only: a file, a directory or a link.";
            case URL_FORBIDDEN -> "Use a URL that this service may fetch.";
            case IDEMPOTENCY_KEY_REUSED -> "Take a new Idempotency-Key for a new request.";
            case QUOTA_EXCEEDED -> "Come back after the time that Retry-After names.";
            case INTERNAL ->
                "Try again. If it stays, give the reference to whoever runs the service: its log says more there.";
            case UNAVAILABLE -> "Try again in a moment.";
            case STORAGE_FULL ->
                "Try again when whoever runs the service has made room on its disk; a build that wrote more than it may has"
                        + " to write less.";
            case FETCH_FAILED -> "Check that the URL can be reached from the service, then retry the build.";
            case UNPACK_FAILED -> "Read the build's log; then hand the source in again.";
            case PULL_FAILED ->
                "Check the names of the base images and the credentials for their registry, then retry the build.";
            case BUILD_FAILED ->
                "Read the build's log, mend the Dockerfile or the source, and hand it in as a new build.";
            case TAG_FAILED -> "Read the build's log, and hand the source in again.";
            case LOGIN_FAILED -> "Check user and password, and that the registry can be reached; then retry the build.";
            case PUSH_FAILED ->
                "Check that the registry can be reached and that its user may push there; a retry only pushes.";
            case TIMED_OUT -> "Ask for a longer timeout, or make the build shorter; then retry it.";
            case CANCELLED -> "Retry the build if it was cancelled by mistake.";
            case WORKER_CRASHED ->
                "Retry the build. If it ends like this again, it may be what brings the service down: tell whoever runs"
                        + " it.";
        };
    }
}
