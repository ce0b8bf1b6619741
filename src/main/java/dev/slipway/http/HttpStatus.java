package dev.slipway.http;

import dev.slipway.error.ErrorCode;

/** The status each {@link ErrorCode} has over HTTP. */
public final class HttpStatus {
    private HttpStatus() {}

    /** The status of a code; a build's end has one too, for formats that wait for it. */
    public static int of(ErrorCode code) {
        return switch (code) {
            case REQUEST_INVALID, ARCHIVE_CORRUPT, ARCHIVE_TRAILING_DATA -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case METHOD_NOT_ALLOWED -> 405;
            case NOT_ACCEPTABLE -> 406;
            case REQUEST_TIMEOUT -> 408;
            case BUILD_STATE_CONFLICT, CREDENTIALS_REQUIRED -> 409;
            case SOURCE_GONE -> 410;
            case REQUEST_TOO_LARGE,
                    ARCHIVE_TOO_LARGE,
                    ARCHIVE_TOO_MANY_ENTRIES,
                    ARCHIVE_NAME_TOO_LONG,
                    ARCHIVE_MEMORY_LIMIT -> 413;
            case UNSUPPORTED_MEDIA_TYPE -> 415;
            case IMAGE_NAME_INVALID,
                    DOCKERFILE_MISSING,
                    DOCKERFILE_POLICY,
                    ARCHIVE_PATH_ESCAPE,
                    ARCHIVE_LINK_ESCAPE,
                    ARCHIVE_ENTRY_NAME,
                    ARCHIVE_ENTRY_TYPE,
                    ARCHIVE_DUPLICATE_ENTRY,
                    URL_FORBIDDEN,
                    IDEMPOTENCY_KEY_REUSED,
                    BUILD_FAILED -> 422;
            case QUOTA_EXCEEDED -> 429;
            case INTERNAL, UNPACK_FAILED, TAG_FAILED, CANCELLED, WORKER_CRASHED -> 500;
            case FETCH_FAILED, PULL_FAILED, LOGIN_FAILED, PUSH_FAILED -> 502;
            case UNAVAILABLE -> 503;
            case TIMED_OUT -> 504;
            case STORAGE_FULL -> 507;
        };
    }
}
