package dev.slipway.error;

import java.io.Serial;
import java.util.Map;

/** A failure that a user is told about: its code, what was tried and why it did not work, and the part at fault. */
public class SlipwayException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final String BUT = " but ";

    private final ErrorCode code;
    private final transient Map<String, String> details;

    /** A failure with a detail of the form "tried to … but …", which names the field, entry or line at fault. */
    public SlipwayException(ErrorCode code, String detail) {
        this(code, detail, Map.of(), null);
    }

    /** The same with its cause, which goes to our log and never to the user. */
    public SlipwayException(ErrorCode code, String detail, Throwable cause) {
        this(code, detail, Map.of(), cause);
    }

    /** The same with named parts (for example {@code field}) that machines read. */
    public SlipwayException(ErrorCode code, String detail, Map<String, String> details, Throwable cause) {
        super(detail, cause);
        this.code = code;
        this.details = Map.copyOf(details);
    }

    /** A request whose {@code field} is missing, given twice or of the wrong form. */
    public static SlipwayException invalidField(String field, String detail) {
        return new SlipwayException(ErrorCode.REQUEST_INVALID, detail, Map.of("field", field), null);
    }

    /**
     * The same failure, told of a field of the request: whoever judges a value does not know how the caller's wire format
     * spells the field that it came in.
     */
    public SlipwayException in(String field) {
        String reason = getMessage().substring(getMessage().indexOf(BUT) + BUT.length());
        return new SlipwayException(
                code, "tried to read the field `" + field + "`" + BUT + reason, Map.of("field", field), getCause());
    }

    /** What went wrong. */
    public ErrorCode code() {
        return code;
    }

    /** Named parts at fault, for example {@code field}; empty after serialisation. */
    public Map<String, String> details() {
        return details == null ? Map.of() : details;
    }
}
