package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What went wrong with a request, as RFC 9457 tells it; {@code details} become members of their own. */
public record Problem(ErrorCode code, String detail, Map<String, String> details) {
    /** Its media type. */
    public static final String MEDIA_TYPE = "application/problem+json";

    /** A problem without details. */
    public Problem(ErrorCode code, String detail) {
        this(code, detail, Map.of());
    }

    /** The problem that an exception of ours tells of. */
    public static Problem of(SlipwayException e) {
        return new Problem(e.code(), e.getMessage(), e.details());
    }

    /** Names the kind of problem, for example {@code /problems/archive-corrupt}. */
    public String type() {
        return "/problems/" + code.slug();
    }

    /** The kind of problem for people. */
    public String title() {
        return code.title();
    }

    /** The HTTP status. */
    public int status() {
        return HttpStatus.of(code);
    }

    /** The document. */
    public String toJson() {
        JsonObject json = new JsonObject()
                .put("type", type())
                .put("title", title())
                .put("status", status())
                .put("detail", detail);
        details.forEach((name, value) -> {
            if (!json.containsKey(name)) {
                json.put(name, value);
            }
        });
        return json.encode();
    }

    /** The answer in our own shape. */
    public ErrorAnswer toAnswer() {
        return new ErrorAnswer(status(), MEDIA_TYPE, toJson());
    }
}
