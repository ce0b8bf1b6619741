package dev.slipway.docs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The API's description as the service gives it. */
public final class ApiDocument {
    /** The methods that an OpenAPI path may have. */
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

    private static final String PROBLEM = "application/problem+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<URI, ApiDocument> KNOWN = new ConcurrentHashMap<>();

    private final JsonNode root;
    private final List<Operation> operations = new ArrayList<>();
    private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();
    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    private ApiDocument(JsonNode root) {
        this.root = root;
        root.path("paths").properties().forEach(path -> path.getValue().properties().stream()
                .filter(member -> METHODS.contains(member.getKey()))
                .forEach(member -> operations.add(new Operation(
                        member.getKey().toUpperCase(), path.getKey(), path.getValue(), member.getValue()))));
    }

    /** The description that the service at {@code base} gives; asked for once. */
    public static ApiDocument of(URI base) {
        return KNOWN.computeIfAbsent(base.resolve("/openapi.json"), ApiDocument::fetch);
    }

    /** The description as it stands in its source file. */
    static ApiDocument written() {
        return new ApiDocument(WrittenDocument.read());
    }

    private static ApiDocument fetch(URI where) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            String text = client.send(HttpRequest.newBuilder(where).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return new ApiDocument(JSON.readTree(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a method does at a path. */
    public record Operation(String method, String path, JsonNode item, JsonNode node) {
        /** Its name. */
        public String id() {
            return node.path("operationId").asText();
        }

        private boolean isAt(String actual) {
            return pattern(path).matcher(actual).matches();
        }
    }

    /** The whole of it. */
    public JsonNode root() {
        return root;
    }

    /** All operations. */
    public List<Operation> operations() {
        return List.copyOf(operations);
    }

    /** The operations at an actual path; where templates overlap, the one that is described first has it. */
    List<Operation> at(String path) {
        List<Operation> found = operations.stream()
                .filter(operation -> operation.isAt(withoutSlash(path)))
                .toList();
        return found.stream()
                .filter(operation -> operation.path().equals(found.getFirst().path()))
                .toList();
    }

    /** The schema of what a format of its own says of paths and methods that are not there; nothing where problems do. */
    Optional<JsonNode> errorsAt(String path) {
        return root.path("tags")
                .valueStream()
                .map(tag -> tag.path("x-errors"))
                .filter(errors ->
                        errors.has("paths") && path.matches(errors.path("paths").asText()))
                .map(errors -> errors.path("schema"))
                .findFirst();
    }

    /** Whether an operation is one of a format with errors of its own. */
    boolean hasOwnErrors(Operation operation) {
        return errorsAt(operation.path().replaceAll("\\{[^}]*}", "x")).isPresent();
    }

    /** An operation's answers by status. */
    Map<String, JsonNode> responses(Operation operation) {
        Map<String, JsonNode> responses = new TreeMap<>();
        operation
                .node()
                .path("responses")
                .properties()
                .forEach(response -> responses.put(response.getKey(), resolve(response.getValue())));
        return responses;
    }

    /** Its parameters, those of its path included. */
    List<JsonNode> parameters(Operation operation) {
        List<JsonNode> parameters = new ArrayList<>();
        operation.item().path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
        operation.node().path("parameters").forEach(parameter -> parameters.add(resolve(parameter)));
        return parameters;
    }

    /** Where a reference leads, or the node itself. */
    JsonNode resolve(JsonNode node) {
        if (!node.has("$ref")) {
            return node;
        }
        JsonNode found = root.at(node.get("$ref").asText().substring(1));
        if (found.isMissingNode()) {
            throw new AssertionError("the reference " + node.get("$ref") + " leads nowhere");
        }
        return resolve(found);
    }

    /** A schema of the components. */
    JsonNode schema(String name) {
        return root.path("components").path("schemas").path(name);
    }

    /** What of a value contradicts a schema of the document; empty where nothing does. */
    List<Error> violations(JsonNode schema, JsonNode value) {
        return schemas.computeIfAbsent(schema, this::compiled).validate(value);
    }

    /** A schema with the components beside it, so that its references are found. */
    private Schema compiled(JsonNode schema) {
        ObjectNode standalone = JSON.createObjectNode();
        standalone.set("components", root.path("components"));
        standalone.putArray("allOf").add(schema);
        return registry.getSchema(standalone);
    }

    /** The types of problems that a media type's schema allows. */
    static List<String> problemTypes(JsonNode schema) {
        List<String> types = new ArrayList<>();
        schema.findParents("enum").stream()
                .flatMap(parent -> parent.get("enum").valueStream())
                .map(JsonNode::asText)
                .filter(text -> text.startsWith("/problems/"))
                .forEach(types::add);
        return types;
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + text, e);
        }
    }

    /** A path without what JAX-RS does not look at: the slash at its end. */
    private static String withoutSlash(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    private static Pattern pattern(String template) {
        StringBuilder pattern = new StringBuilder();
        for (String part : template.split("(?=\\{)|(?<=})")) {
            pattern.append(part.startsWith("{") ? "[^/]+" : Pattern.quote(part));
        }
        return Pattern.compile(pattern.toString());
    }

    /**
     * The names of all documented answers: operation, status, and the problem's code or the body's type, and where a body
     * is one of several, the name of its schema.
     */
    public Set<String> names() {
        Set<String> names = new TreeSet<>();
        operations.forEach(operation -> responses(operation).forEach((status, response) -> {
            String start = operation.id() + " " + status;
            JsonNode content = response.path("content");
            if (content.isEmpty()) {
                names.add(start);
            }
            content.properties().forEach(media -> {
                if (media.getKey().equals(PROBLEM)) {
                    problemTypes(media.getValue().path("schema")).forEach(type -> names.add(start + " " + code(type)));
                } else if (choice(media.getValue()).isEmpty()) {
                    names.add(start + " " + media.getKey());
                } else {
                    choice(media.getValue())
                            .forEach(schema -> names.add(start + " " + media.getKey() + " " + schemaName(schema)));
                }
            });
        }));
        return names;
    }

    /** The name that an answer has among {@link #names()}. */
    String name(Exchange exchange) {
        Optional<Operation> operation = operation(exchange.method(), exchange.path());
        String start = operation.map(Operation::id).orElse(exchange.path()) + " " + exchange.status();
        if (exchange.mediaType().equals(PROBLEM)) {
            return start + " " + code(json(exchange.body()).path("type").asText());
        }
        String chosen = operation
                .map(found -> responses(found)
                        .getOrDefault(Integer.toString(exchange.status()), MissingNode.getInstance())
                        .path("content")
                        .path(exchange.mediaType()))
                .stream()
                .flatMap(media -> choice(media).stream())
                .filter(schema -> violations(schema, json(exchange.body())).isEmpty())
                .map(ApiDocument::schemaName)
                .collect(Collectors.joining(" "));
        return (start + " " + exchange.mediaType() + " " + chosen).strip();
    }

    private static List<JsonNode> choice(JsonNode media) {
        return media.path("schema").path("oneOf").valueStream().toList();
    }

    private static String schemaName(JsonNode reference) {
        String path = reference.path("$ref").asText();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String code(String type) {
        return type.substring("/problems/".length());
    }

    /** The operation of a request; HEAD is GET without a body. */
    Optional<Operation> operation(String method, String path) {
        String known = method.equals("HEAD") ? "GET" : method;
        return at(path).stream()
                .filter(operation -> operation.method().equals(known))
                .findFirst();
    }
}
