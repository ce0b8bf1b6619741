package dev.slipway.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.http.HttpClosedException;
import jakarta.ws.rs.WebApplicationException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/** What is told of an exception: ours speak for themselves, the framework's are put into our words, others stay inside. */
final class Failures {
    private static final Logger LOG = Logger.getLogger(Failures.class);

    private Failures() {}

    /** The failure that {@code thrown} means for {@code request}, for example {@code GET /api/v1/builds}; logs it where it is ours to mend. */
    static Failure of(Throwable thrown, String request) {
        return switch (thrown) {
            case CompletionException e when e.getCause() != null -> of(e.getCause(), request);
            case ExecutionException e when e.getCause() != null -> of(e.getCause(), request);
            case SlipwayException e -> ofOurs(e, request);
            case ClientGoneException e -> ofGoneClient(e, request);
            case ClosedChannelException e -> ofGoneClient(e, request);
            case HttpClosedException e -> ofGoneClient(e, request);
            case MismatchedInputException e -> new Failure(Problem.of(JsonBody.refusal(e)));
            case WebApplicationException e -> ofFramework(e, request);
            case RejectedExecutionException e -> ofStatus(503, request);
            default -> internal(thrown, request);
        };
    }

    /** The failure that a bare status means, where the framework gave no more. */
    static Failure ofStatus(int status, String request) {
        ErrorCode code = codeOf(status);
        return new Failure(new Problem(code, "tried to " + request + " but " + reason(code)));
    }

    private static Failure ofOurs(SlipwayException e, String request) {
        if (e.code() == ErrorCode.INTERNAL) {
            return internal(e, request);
        }
        if (e.getCause() != null) {
            LOG.debugf(e, "%s: %s", request, e.code().slug());
        }
        String retryAfter = e.details().get("retryAfter");
        return new Failure(Problem.of(e), retryAfter == null ? Map.of() : Map.of("Retry-After", retryAfter));
    }

    private static Failure ofGoneClient(Exception e, String request) {
        LOG.debugf("%s: %s", request, e.getMessage());
        return new Failure(new Problem(ErrorCode.REQUEST_INVALID, "tried to " + request + " but the client went away"));
    }

    private static Failure ofFramework(WebApplicationException e, String request) {
        int status = e.getResponse().getStatus();
        if (e.getCause() instanceof JsonProcessingException json && status == 400) {
            return new Failure(Problem.of(JsonBody.refusal(json)));
        }
        return status == 500 ? internal(e, request) : ofStatus(status, request);
    }

    private static Failure internal(Throwable thrown, String request) {
        String reference = UUID.randomUUID().toString();
        LOG.errorf(thrown, "%s failed, reference %s", request, reference);
        return new Failure(new Problem(
                ErrorCode.INTERNAL,
                "tried to " + request + " but something broke on our side; the log tells what under reference "
                        + reference,
                Map.of("reference", reference)));
    }

    private static ErrorCode codeOf(int status) {
        return switch (status) {
            case 401 -> ErrorCode.UNAUTHENTICATED;
            case 403 -> ErrorCode.FORBIDDEN;
            case 404 -> ErrorCode.NOT_FOUND;
            case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
            case 406 -> ErrorCode.NOT_ACCEPTABLE;
            case 408 -> ErrorCode.REQUEST_TIMEOUT;
            case 413 -> ErrorCode.REQUEST_TOO_LARGE;
            case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
            case 429 -> ErrorCode.QUOTA_EXCEEDED;
            case 503 -> ErrorCode.UNAVAILABLE;
            default -> status < 500 ? ErrorCode.REQUEST_INVALID : ErrorCode.INTERNAL;
        };
    }

    private static String reason(ErrorCode code) {
        return switch (code) {
            case UNAUTHENTICATED -> "credentials are missing or wrong";
            case FORBIDDEN -> "it is not allowed";
            case NOT_FOUND -> "there is nothing at this path";
            case METHOD_NOT_ALLOWED -> "this path does not know the method";
            case NOT_ACCEPTABLE -> "no representation fits the Accept header";
            case REQUEST_TIMEOUT -> "the request took too long to arrive";
            case REQUEST_TOO_LARGE -> "the request is too large";
            case UNSUPPORTED_MEDIA_TYPE -> "the Content-Type is not supported here";
            case QUOTA_EXCEEDED -> "a quota is used up";
            case UNAVAILABLE -> "the service cannot take it right now";
            case REQUEST_INVALID -> "the request is not well formed";
            default -> "something broke on our side";
        };
    }
}
