package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.Error;
import dev.slipway.docs.ApiDocument.Operation;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the service answers as its description says: status, type, body and headers. */
public final class Documented {
    /** Headers of which the description speaks where they may come. */
    private static final Set<String> TOLD =
            Set.of("Location", "Preference-Applied", "ETag", "Retry-After", "Allow", "Last-Event-ID");

    /** The files that the page at /docs is made of. */
    private static final String PAGE_FILES = "/docs/";

    private final ApiDocument document;
    private final Exchange exchange;

    private Documented(ApiDocument document, Exchange exchange) {
        this.document = document;
        this.exchange = exchange;
    }

    /** Fails where an answer is not documented. */
    public static void check(ApiDocument document, Exchange exchange) {
        Documented check = new Documented(document, exchange);
        document.operation(exchange.method(), exchange.path())
                .ifPresentOrElse(check::check, check::checkWithoutOperation);
    }

    private void check(Operation operation) {
        JsonNode response = document.responses(operation).get(Integer.toString(exchange.status()));
        assertThat(response)
                .as("the status is documented for " + operation.id() + ": " + exchange)
                .isNotNull();
        check(response);
    }

    private void check(JsonNode response) {
        checkHeaders(response.path("headers"));
        JsonNode content = response.path("content");
        if (content.isEmpty()) {
            assertThat(exchange.body()).as("no body is documented: " + exchange).isEmpty();
            return;
        }
        JsonNode media = content.path(exchange.mediaType());
        assertThat(media.isMissingNode())
                .as("the type is documented: " + exchange)
                .isFalse();
        if (!exchange.method().equals("HEAD")) {
            checkBody(media);
        }
    }

    private void checkHeaders(JsonNode documented) {
        documented.properties().forEach(entry -> {
            JsonNode header = document.resolve(entry.getValue());
            String value = exchange.headers().get(entry.getKey());
            if (value == null) {
                assertThat(header.path("required").asBoolean())
                        .as("the header " + entry.getKey() + " may be missing: " + exchange)
                        .isFalse();
            } else {
                conforms(header.path("schema"), TextNode.valueOf(value));
            }
        });
        Set<String> undocumented = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        TOLD.stream().filter(exchange.headers()::containsKey).forEach(undocumented::add);
        documented.fieldNames().forEachRemaining(undocumented::remove);
        assertThat(undocumented)
                .as("headers that are not documented: " + exchange)
                .isEmpty();
    }

    private void checkBody(JsonNode media) {
        JsonNode schema = media.path("schema");
        switch (exchange.mediaType()) {
            case "application/json", "application/problem+json" -> conforms(schema, ApiDocument.json(exchange.body()));
            case "application/x-ndjson" ->
                exchange.body().lines().forEach(line -> conforms(media.path("x-line"), ApiDocument.json(line)));
            case "text/event-stream" ->
                exchange.events().forEach(event -> {
                    JsonNode data = media.path("x-events").path(event.name());
                    assertThat(data.isMissingNode())
                            .as("the event is documented: " + exchange)
                            .isFalse();
                    conforms(data, ApiDocument.json(event.data()));
                });
            default -> conforms(schema, TextNode.valueOf(exchange.body()));
        }
    }

    private void conforms(JsonNode schema, JsonNode value) {
        List<Error> violations = document.violations(schema, value);
        assertThat(violations).as("it is as documented: " + exchange).isEmpty();
    }

    /** Nothing is documented for this method here: it has to be refused, in the way the description's text tells. */
    private void checkWithoutOperation() {
        Set<String> methods = document.at(exchange.path()).stream()
                .map(Operation::method)
                .flatMap(method -> method.equals("GET") ? Stream.of("GET", "HEAD") : Stream.of(method))
                .collect(Collectors.toCollection(TreeSet::new));
        if (methods.isEmpty()) {
            checkUnknownPath();
            return;
        }
        methods.add("OPTIONS");
        assertThat(new TreeSet<>(List.of(exchange.header("Allow").orElse("").split(", ?"))))
                .as("Allow names what is documented: " + exchange)
                .isEqualTo(methods);
        if (exchange.method().equals("OPTIONS")) {
            assertThat(exchange.status()).as(exchange.toString()).isEqualTo(204);
        } else {
            refusedAs("MethodNotAllowed", 405);
        }
    }

    private void checkUnknownPath() {
        if (!exchange.path().startsWith(PAGE_FILES) || exchange.status() != 200) {
            refusedAs("NotFound", 404);
        }
    }

    private void refusedAs(String response, int status) {
        assertThat(exchange.status()).as(exchange.toString()).isEqualTo(status);
        Optional<JsonNode> ownErrors = document.errorsAt(exchange.path());
        if (ownErrors.isPresent() && exchange.mediaType().equals("application/json")) {
            conforms(ownErrors.get(), ApiDocument.json(exchange.body()));
            return;
        }
        check(document.root().path("components").path("responses").path(response));
    }
}
