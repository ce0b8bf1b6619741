package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A form's fields one after another, as they come in, whichever way they are encoded. */
public interface Form {
    /** The next field, or nothing behind the last one; by then the body has been read to its end. */
    Optional<Part> next() throws IOException;

    /** The form in a body, by its Content-Type (null where none was sent); refuses what is no form. Does not read yet. */
    static Form of(InputStream body, String contentType) {
        if (MultipartReader.isMultipart(contentType)) {
            return MultipartReader.of(body, contentType);
        }
        if (isUrlEncoded(contentType)) {
            return new UrlEncodedForm(body);
        }
        throw new SlipwayException(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                "tried to read the body as a form but its Content-Type is "
                        + (contentType == null
                                ? "missing"
                                : "neither multipart/form-data nor application/x-www-form-urlencoded"));
    }

    /** The longest body in the form of a query, in bytes. */
    int MAX_URL_ENCODED = UrlEncodedForm.MAX_SIZE;

    /** Whether a Content-Type (or null) announces fields in the form of a query. */
    static boolean isUrlEncoded(String contentType) {
        return contentType != null
                && contentType.split(";", 2)[0].strip().equalsIgnoreCase("application/x-www-form-urlencoded");
    }
}
