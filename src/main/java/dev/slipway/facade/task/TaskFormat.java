package dev.slipway.facade.task;

import dev.slipway.build.IdempotencyKey;
import dev.slipway.error.ErrorCode;
import dev.slipway.http.ErrorAnswer;
import dev.slipway.http.Problem;
import dev.slipway.http.WireFormat;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Format E's place at the edge; its errors are those of FastAPI: {@code {"detail":…}}, a list where fields are at fault. */
@Singleton
class TaskFormat implements WireFormat {
    static final String NAME = "task";
    /** Details of a failure: the fields that are missing, and where and with what value one came that is refused. */
    static final String MISSING = "missing";

    static final String PLACE = "place";
    static final String INPUT = "input";
    static final String QUERY = "query";
    static final String BODY = "body";

    private static final int UNPROCESSABLE = 422;
    private static final Set<String> FILES = Set.of(TaskForm.DOCKERFILE, TaskForm.FILES);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean handles(String path) {
        String plain = path.replaceFirst("/+$", "");
        return plain.equals("/build") || plain.equals("/status") || plain.startsWith("/status/");
    }

    @Override
    public ErrorAnswer render(Problem problem) {
        String missing = problem.details().get(MISSING);
        if (missing != null) {
            JsonArray fields = new JsonArray();
            List.of(missing.split(" "))
                    .forEach(field -> fields.add(fault("missing", place(field), field, "Field required", null)));
            return answer(UNPROCESSABLE, fields);
        }
        String field = fieldAtFault(problem);
        if (field == null || !isRefusal(problem)) {
            return answer(problem.status(), said(problem));
        }
        String place = problem.details().getOrDefault(PLACE, place(field));
        String input = problem.details().get(INPUT);
        return answer(
                UNPROCESSABLE,
                new JsonArray().add(fault("value_error", place, field, "Value error, " + problem.detail(), input)));
    }

    private static boolean isRefusal(Problem problem) {
        return problem.code() == ErrorCode.REQUEST_INVALID || problem.status() == UNPROCESSABLE;
    }

    private static String place(String field) {
        if (field.equals(IdempotencyKey.HEADER)) {
            return "header";
        }
        return FILES.contains(field) ? BODY : QUERY;
    }

    private static String fieldAtFault(Problem problem) {
        String byCode =
                switch (problem.code()) {
                    // a name that is not in a field is one in the Dockerfile
                    case DOCKERFILE_MISSING, DOCKERFILE_POLICY, IMAGE_NAME_INVALID -> TaskForm.DOCKERFILE;
                    case IDEMPOTENCY_KEY_REUSED -> IdempotencyKey.HEADER;
                    case ARCHIVE_PATH_ESCAPE,
                            ARCHIVE_LINK_ESCAPE,
                            ARCHIVE_ENTRY_NAME,
                            ARCHIVE_ENTRY_TYPE,
                            ARCHIVE_DUPLICATE_ENTRY -> TaskForm.FILES;
                    default -> null;
                };
        return problem.details().getOrDefault("field", byCode);
    }

    /** The words of the framework that this format's clients know, where it has any. */
    private static String said(Problem problem) {
        return switch (problem.code()) {
            case NOT_FOUND -> "Not Found";
            case METHOD_NOT_ALLOWED -> "Method Not Allowed";
            default -> problem.detail();
        };
    }

    private static JsonObject fault(String type, String place, String field, String message, String input) {
        return new JsonObject()
                .put("type", type)
                .put("loc", new JsonArray().add(place).add(field))
                .put("msg", message)
                .put("input", input);
    }

    private static ErrorAnswer answer(int status, Object detail) {
        return new ErrorAnswer(status, MediaType.APPLICATION_JSON, new JsonObject(Map.of("detail", detail)).encode());
    }
}
