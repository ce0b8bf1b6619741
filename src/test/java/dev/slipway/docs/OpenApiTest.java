package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.slipway.QueueOnly;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.docs.ApiDocument.Operation;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The description of the API by itself: that it is OpenAPI, whole, and shown as a page. */
@QuarkusTest
@TestProfile(QueueOnly.class)
class OpenApiTest {
    @TestHTTPResource
    URI url;

    private TestClient client;
    private ApiDocument document;

    @BeforeEach
    void read() {
        client = new TestClient(url);
        document = ApiDocument.of(url);
    }

    @Test
    void it_is_given_as_json() {
        Answer answer = client.get("/openapi.json");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.body()).startsWith("{");
    }

    @Test
    void it_is_what_was_written() {
        assertThat(document.root()).isEqualTo(WrittenDocument.read());
    }

    @Test
    void it_is_openapi() {
        assertThat(complaints(document.root())).isEmpty();
    }

    @Test
    void what_is_no_openapi_would_be_noticed() {
        ObjectNode broken = document.root().deepCopy();
        ((ObjectNode) broken.at("/paths/~1api~1v1~1builds/get")).remove("responses");
        ((ObjectNode) broken.at("/paths/~1build/post")).put("colour", "red");

        assertThat(complaints(broken)).hasSize(2);
    }

    private static List<String> complaints(JsonNode document) {
        ParseOptions options = new ParseOptions();
        options.setOaiAuthor(true); // strict: what the specification does not know is an error
        List<String> messages = new OpenAPIV3Parser()
                .readContents(document.toString(), null, options)
                .getMessages();
        return messages == null ? List.of() : messages;
    }

    @Test
    void its_schemas_are_json_schemas() {
        Schema meta = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        List<JsonNode> schemas = new ArrayList<>(document.root().findValues("schema"));
        document.root().path("components").path("schemas").forEach(schemas::add);

        assertThat(schemas).hasSizeGreaterThan(50);
        assertThat(schemas)
                .allSatisfy(schema -> assertThat(meta.validate(schema)).isEmpty());
    }

    @Test
    void every_reference_leads_somewhere_and_every_component_is_referred_to() {
        Set<String> references =
                document.root().findValuesAsText("$ref").stream().collect(Collectors.toSet());
        references.forEach(reference -> assertThat(
                        document.root().at(reference.substring(1)).isMissingNode())
                .as(reference)
                .isFalse());
        Set<String> components = new TreeSet<>();
        document.root().path("components").properties().forEach(kind -> kind.getValue()
                .fieldNames()
                .forEachRemaining(name -> components.add("#/components/" + kind.getKey() + "/" + name)));
        components.removeAll(references);
        // what it says of every path, in words
        assertThat(components).containsExactly("#/components/responses/MethodNotAllowed");
    }

    @Test
    void every_operation_says_what_it_is() {
        Set<String> tags = new TreeSet<>(document.root().path("tags").findValuesAsText("name"));
        Set<String> ids = new TreeSet<>();
        for (Operation operation : document.operations()) {
            assertThat(operation.id()).matches("[a-z][a-zA-Z]+");
            assertThat(ids.add(operation.id())).as("a second " + operation.id()).isTrue();
            assertThat(operation.node().path("summary").asText()).isNotBlank().doesNotEndWith(".");
            assertThat(operation.node().path("description").asText()).isNotBlank();
            assertThat(operation.node().path("tags")).isNotEmpty().allSatisfy(tag -> assertThat(tags)
                    .contains(tag.asText()));
            assertThat(parameterNames(operation, "path")).isEqualTo(placeholders(operation.path()));
            document.parameters(operation).forEach(parameter -> {
                String description = parameter.path("description").asText()
                        + document.resolve(parameter.path("schema"))
                                .path("description")
                                .asText();
                assertThat(description).as(parameter.toString()).isNotBlank();
                assertThat(parameter.path("schema").isObject()).isTrue();
            });
        }
    }

    private Set<String> parameterNames(Operation operation, String in) {
        return document.parameters(operation).stream()
                .filter(parameter -> parameter.path("in").asText().equals(in))
                .map(parameter -> parameter.path("name").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> placeholders(String path) {
        return Pattern.compile("\\{([^}]+)}")
                .matcher(path)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void every_answer_has_a_schema_and_every_error_its_problem_types_with_an_example_of_each() {
        for (Operation operation : document.operations()) {
            assertThat(document.responses(operation)).as(operation.id()).isNotEmpty();
            document.responses(operation).forEach((status, response) -> {
                assertThat(response.path("description").asText()).isNotBlank();
                response.path("content").properties().forEach(media -> {
                    String where = operation.id() + " " + status + " " + media.getKey();
                    assertThat(media.getValue().path("schema").isObject())
                            .as(where)
                            .isTrue();
                    if (media.getKey().equals("application/problem+json")) {
                        Set<String> examples = new TreeSet<>();
                        media.getValue().path("examples").fieldNames().forEachRemaining(examples::add);
                        assertThat(ApiDocument.problemTypes(media.getValue().path("schema")))
                                .as(where)
                                .isNotEmpty()
                                .containsExactlyInAnyOrderElementsOf(examples.stream()
                                        .map(example -> "/problems/" + example)
                                        .toList());
                    } else {
                        assertThat(status.equals("200") || media.getValue().has("examples"))
                                .as("an example of " + where)
                                .isTrue();
                        assertThat(status)
                                .as(where)
                                .satisfiesAnyOf(
                                        ok -> assertThat(Integer.parseInt(ok)).isLessThan(400),
                                        own -> assertThat(document.hasOwnErrors(operation))
                                                .isTrue(),
                                        down -> assertThat(operation.path()).startsWith("/q/health"));
                    }
                });
            });
        }
    }

    @Test
    void every_example_is_as_its_schema_says() {
        List<String> wrong = new ArrayList<>();
        int[] seen = {0};
        forEachObject(document.root(), "", (where, node) -> {
            if (node.path("schema").isObject()) {
                List<JsonNode> examples = new ArrayList<>();
                if (node.has("example")) {
                    examples.add(node.get("example"));
                }
                node.path("examples")
                        .forEach(example ->
                                examples.add(document.resolve(example).path("value")));
                examples.forEach(example -> {
                    seen[0]++;
                    document.violations(node.path("schema"), example)
                            .forEach(error -> wrong.add(where + ": " + error + " in " + example));
                });
            } else if (node.path("examples").isArray()) { // a schema's own
                node.path("examples").forEach(example -> {
                    seen[0]++;
                    document.violations(node, example).forEach(error -> wrong.add(where + ": " + error));
                });
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(seen[0]).isGreaterThan(50);
    }

    private static void forEachObject(JsonNode node, String where, BiConsumer<String, JsonNode> visit) {
        if (node.isObject()) {
            visit.accept(where, node);
            node.properties().forEach(member -> forEachObject(member.getValue(), where + "/" + member.getKey(), visit));
        } else if (node.isArray()) {
            node.forEach(item -> forEachObject(item, where + "/-", visit));
        }
    }

    @Test
    void its_page_is_whole_and_fetches_nothing_from_elsewhere() {
        assertThat(client.get("/docs").header("Location")).isEqualTo("/docs/");
        Answer page = client.get("/docs/");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body())
                .contains("<title>Slipway</title>")
                .contains("url: '/openapi'")
                .contains("validatorUrl: 'none'");
        List<String> files = Pattern.compile("(?:src|href)=[\"']([^\"'#]+)")
                .matcher(page.body())
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(files).hasSizeGreaterThan(4).allSatisfy(file -> {
            assertThat(URI.create(file).isAbsolute()).isFalse();
            assertThat(client.get(url.resolve("/docs/").resolve(file).getPath()).status())
                    .as(file)
                    .isIn(200, 302);
        });
    }

    @Test
    void the_type_of_every_problem_leads_to_an_explanation() {
        for (dev.slipway.error.ErrorCode code : dev.slipway.error.ErrorCode.values()) {
            Answer answer = client.get("/problems/" + code.slug());
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).isEqualTo("text/plain;charset=UTF-8");
            assertThat(answer.body().lines().toList())
                    .hasSize(4)
                    .startsWith(code.title())
                    .element(1)
                    .asString()
                    .startsWith(code.slug() + ", HTTP status ");
        }
        client.get("/problems/nothing").problem(404, "not-found");
    }

    @Test
    void pages_of_the_framework_know_the_methods_that_resources_know() {
        for (String path : List.of("/openapi.json", "/docs", "/q/health/live", "/q/health/ready")) {
            client.send("POST", path, new byte[0]).problem(405, "method-not-allowed");
            assertThat(client.send("OPTIONS", path, new byte[0]).status()).isEqualTo(204);
            assertThat(client.send("HEAD", path, new byte[0]).status()).isIn(200, 302);
        }
    }
}
