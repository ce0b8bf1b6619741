package dev.slipway.api;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.http.Accept;
import java.util.Arrays;
import java.util.List;

/** The forms in which a log is read; the first is what a client gets that does not choose. */
enum LogFormat {
    TEXT("text/plain", ";charset=UTF-8"),
    EVENTS("text/event-stream", ""),
    NDJSON("application/x-ndjson", "");

    private static final List<String> TYPES =
            Arrays.stream(values()).map(format -> format.type).toList();

    private final String type;
    private final String parameters;

    LogFormat(String type, String parameters) {
        this.type = type;
        this.parameters = parameters;
    }

    String contentType() {
        return type + parameters;
    }

    /** The one that suits the {@code Accept} fields of a request best. */
    static LogFormat choose(List<String> accept) {
        return Accept.choose(accept, TYPES)
                .map(type -> values()[TYPES.indexOf(type)])
                .orElseThrow(() -> new SlipwayException(
                        ErrorCode.NOT_ACCEPTABLE,
                        "tried to show the log but the Accept header takes none of " + String.join(", ", TYPES)));
    }
}
