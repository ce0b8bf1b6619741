package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A multipart/form-data body (RFC 7578), part by part, straight from its stream. Nothing is kept: a part's content can
 * be read until the next part is asked for, which skips what was left of it.
 */
public final class MultipartReader {
    private static final int MAX_PARTS = 10_000;
    private static final int MAX_BOUNDARY = 70;

    private final DelimitedInput input;
    private int parts;
    private PartContent open;
    private boolean finished;

    private MultipartReader(DelimitedInput input) {
        this.input = input;
    }

    /**
     * Reads the form in {@code body}, of which {@code contentType} (null where none was sent) tells the boundary.
     * Refuses what is not multipart/form-data; does not read yet.
     */
    public static MultipartReader of(InputStream body, String contentType) {
        if (!isMultipart(contentType)) {
            throw new SlipwayException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "tried to read the body as a form but its Content-Type is "
                            + (contentType == null ? "missing" : "not multipart/form-data"));
        }
        return new MultipartReader(new DelimitedInput(body, boundary(contentType)));
    }

    /** Refuses the Content-Type of a form that cannot be read, while there is still time to say so before the body. */
    public static void checkType(String contentType) {
        boundary(contentType);
    }

    /** Whether a Content-Type (or null) announces a form of parts. */
    public static boolean isMultipart(String contentType) {
        return contentType != null && contentType.split(";", 2)[0].strip().equalsIgnoreCase("multipart/form-data");
    }

    /** The next part, or nothing behind the last one; by then the body has been read to its end. */
    public Optional<Part> next() throws IOException {
        if (finished) {
            return Optional.empty();
        }
        if (open != null) {
            open.finish();
            open = null;
        } else {
            input.skipToDelimiter(); // the preamble
        }
        if (input.takeDelimiter()) {
            finished = true;
            input.skipToEnd(); // the epilogue
            return Optional.empty();
        }
        return Optional.of(part());
    }

    private Part part() throws IOException {
        if (++parts > MAX_PARTS) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_TOO_LARGE, "tried to read the form but it has more than " + MAX_PARTS + " parts");
        }
        try {
            PartHeaders headers = PartHeaders.parse(input.takeHeader());
            open = new PartContent(input);
            return new Part(headers.name(), headers.filename(), headers.contentType(), open);
        } catch (IllegalArgumentException e) {
            throw invalid("tried to read part " + parts + " of the form but " + e.getMessage());
        }
    }

    private static String boundary(String contentType) {
        try {
            String boundary = HeaderValue.parse(contentType)
                    .parameter("boundary")
                    .orElseThrow(() -> new IllegalArgumentException("it has no boundary"));
            if (boundary.isEmpty()
                    || boundary.length() > MAX_BOUNDARY
                    || boundary.endsWith(" ")
                    || !boundary.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw new IllegalArgumentException("its boundary breaks RFC 2046");
            }
            return boundary;
        } catch (IllegalArgumentException e) {
            throw invalid("tried to read the form's Content-Type but " + e.getMessage());
        }
    }

    static SlipwayException invalid(String detail) {
        return new SlipwayException(ErrorCode.REQUEST_INVALID, detail);
    }
}
