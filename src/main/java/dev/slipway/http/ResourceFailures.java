package dev.slipway.http;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.slipway.error.ErrorCode;
import jakarta.inject.Inject;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;

/** Everything that resources throw, and what the framework throws before it finds one, as the errors of the path's format. */
class ResourceFailures {
    private static final int BEFORE_OPTIONS = Priorities.USER - 1;

    private final WireFormats formats;

    @Inject
    ResourceFailures(WireFormats formats) {
        this.formats = formats;
    }

    /** The one mapper; the JSON exception is named because the framework has a mapper of its own for it. */
    @ServerExceptionMapper({Throwable.class, MismatchedInputException.class})
    Response map(Throwable thrown, ContainerRequestContext exchange) {
        if (thrown instanceof WebApplicationException e && e.getResponse().getStatus() < 400) {
            return e.getResponse(); // a redirection is no failure
        }
        String path = path(exchange);
        Throwable reason = thrown instanceof FormatFailureException ? thrown.getCause() : thrown;
        Failure failure = failure(reason, exchange.getMethod() + " " + path);
        ErrorAnswer answer = thrown instanceof FormatFailureException known
                ? known.format().render(failure.problem())
                : formats.answer(failure.problem(), path);
        Response.ResponseBuilder response = Response.status(answer.status())
                .entity(answer.body())
                .header(HttpHeaders.CONTENT_TYPE, answer.mediaType());
        failure.headers().forEach(response::header);
        return response.build();
    }

    /** What is switched off is not there, whatever is asked of it. */
    @ServerRequestFilter(preMatching = true, priority = BEFORE_OPTIONS)
    void refuseSwitchedOff(ContainerRequestContext exchange) {
        if (formats.isOff(path(exchange))) {
            throw new NotFoundException();
        }
    }

    /** Answers OPTIONS for the path itself; the framework's own answer lists the whole class, for any path below it. */
    @ServerRequestFilter(preMatching = true)
    Optional<Response> options(ContainerRequestContext exchange) {
        if (!exchange.getMethod().equals("OPTIONS")) {
            return Optional.empty();
        }
        Set<String> methods = RoutedMethods.at(CurrentRequestManager.get());
        if (methods.isEmpty()) {
            throw new NotFoundException();
        }
        return Optional.of(Response.noContent().allow(methods).build());
    }

    private static String path(ContainerRequestContext exchange) {
        return "/" + exchange.getUriInfo().getPath().replaceFirst("^/+", "");
    }

    private static Failure failure(Throwable thrown, String request) {
        ResteasyReactiveRequestContext exchange = CurrentRequestManager.get();
        if (thrown instanceof NotFoundException e && e.getCause() != null && !hasPathParameters(exchange)) {
            // The framework calls a query parameter of the wrong form "not found" too.
            return new Failure(new Problem(
                    ErrorCode.REQUEST_INVALID, "tried to " + request + " but a query parameter is of the wrong form"));
        }
        Failure failure = Failures.of(thrown, request);
        return failure.problem().code() == ErrorCode.METHOD_NOT_ALLOWED
                ? new Failure(failure.problem(), Map.of("Allow", String.join(", ", RoutedMethods.at(exchange))))
                : failure;
    }

    private static boolean hasPathParameters(ResteasyReactiveRequestContext exchange) {
        return exchange.getTarget() == null
                || !exchange.getTarget().getPathParameterIndexes().isEmpty();
    }
}
