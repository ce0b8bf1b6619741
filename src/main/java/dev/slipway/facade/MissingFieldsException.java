package dev.slipway.facade;

import java.io.Serial;
import java.util.Map;

/** Fields that the format asks for and the form does not have, each with the words for that. */
public final class MissingFieldsException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Map<String, String> fields;

    /** The fields by name, and what their format says of one that is not there. */
    public MissingFieldsException(Map<String, String> fields) {
        super("tried to read the form but fields are missing: " + fields.keySet());
        this.fields = fields;
    }

    /** What to say of each field. */
    public Map<String, String> fields() {
        return fields;
    }
}
