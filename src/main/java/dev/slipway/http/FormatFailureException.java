package dev.slipway.http;

import java.io.Serial;

/** The failure of a request that turned out to be of one wire format, on a path that is not that format's alone. */
public final class FormatFailureException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient WireFormat format;

    /** {@code failure}, to be told as {@code format} tells of failures. */
    public FormatFailureException(WireFormat format, Throwable failure) {
        super(failure.getMessage(), failure);
        this.format = format;
    }

    WireFormat format() {
        return format;
    }
}
