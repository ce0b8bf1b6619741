package dev.slipway.facade.dockerfilebuild;

import java.io.Serial;
import java.util.Map;

/** Fields that the format asks for and the form does not have, each with the words for that. */
final class MissingFieldsException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Map<String, String> fields;

    MissingFieldsException(Map<String, String> fields) {
        super("tried to read the form but fields are missing: " + fields.keySet());
        this.fields = fields;
    }

    Map<String, String> fields() {
        return fields;
    }
}
