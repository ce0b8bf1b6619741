package dev.slipway.error;

import java.util.Locale;

/** Everything that can go wrong, in terms of no transport; an edge maps it to its own status and shape. */
public enum ErrorCode {
    REQUEST_INVALID("The request is not well formed"),
    ARCHIVE_CORRUPT("The archive is damaged"),
    ARCHIVE_TRAILING_DATA("The archive is followed by other data"),

    UNAUTHENTICATED("Credentials are missing or wrong"),
    FORBIDDEN("Not allowed"),
    NOT_FOUND("There is no such thing"),
    METHOD_NOT_ALLOWED("The method is not allowed here"),
    NOT_ACCEPTABLE("No representation fits the Accept header"),
    REQUEST_TIMEOUT("The request took too long to arrive"),
    BUILD_STATE_CONFLICT("The build's state does not allow this"),
    CREDENTIALS_REQUIRED("The registry's credentials are needed again"),
    SOURCE_GONE("The build's source is gone"),

    REQUEST_TOO_LARGE("The request is too large"),
    ARCHIVE_TOO_LARGE("The archive is too large"),
    ARCHIVE_TOO_MANY_ENTRIES("The archive has too many entries"),
    ARCHIVE_NAME_TOO_LONG("A name in the archive is too long"),
    ARCHIVE_MEMORY_LIMIT("The archive needs too much memory to unpack"),

    UNSUPPORTED_MEDIA_TYPE("The content type is not supported here"),

    IMAGE_NAME_INVALID("The image name cannot be used"),
    DOCKERFILE_MISSING("There is no Dockerfile"),
    DOCKERFILE_POLICY("The Dockerfile asks for something that is not allowed"),
    ARCHIVE_PATH_ESCAPE("An entry would leave the archive's root"),
    ARCHIVE_LINK_ESCAPE("An entry's path runs through a link"),
    ARCHIVE_ENTRY_NAME("An entry's name cannot be used"),
    ARCHIVE_ENTRY_TYPE("An entry is of a kind that is not allowed"),
    ARCHIVE_DUPLICATE_ENTRY("An entry changes the kind of an earlier one"),
    URL_FORBIDDEN("The URL may not be fetched"),
    IDEMPOTENCY_KEY_REUSED("The idempotency key belongs to another request"),

    QUOTA_EXCEEDED("A quota is used up"),
    INTERNAL("Something broke on our side"),
    UNAVAILABLE("The service cannot do this right now"),
    STORAGE_FULL("The disk is full"),

    FETCH_FAILED("The source could not be fetched"),
    UNPACK_FAILED("The source could not be unpacked"),
    PULL_FAILED("A base image could not be pulled"),
    BUILD_FAILED("The build failed"),
    TAG_FAILED("The image could not be tagged"),
    LOGIN_FAILED("The login to the registry failed"),
    PUSH_FAILED("The image could not be pushed"),
    TIMED_OUT("The build took too long"),
    CANCELLED("The build was cancelled"),
    WORKER_CRASHED("The build's worker died too often");

    private final String slug;
    private final String title;

    ErrorCode(String title) {
        this.slug = name().toLowerCase(Locale.ROOT).replace('_', '-');
        this.title = title;
    }

    /** The code as it stands in answers and in the database, for example {@code archive-corrupt}. */
    public String slug() {
        return slug;
    }

    /** One short sentence for people, the same for every occurrence. */
    public String title() {
        return title;
    }

    /** The code of a {@link #slug()}; an unknown one is {@link #INTERNAL}, so that a newer replica's rows stay readable. */
    public static ErrorCode ofSlug(String slug) {
        for (ErrorCode code : values()) {
            if (code.slug.equals(slug)) {
                return code;
            }
        }
        return INTERNAL;
    }
}
