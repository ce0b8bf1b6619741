package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.slipway.api.BuildJson;
import dev.slipway.api.BuildPage;
import dev.slipway.build.BuildStatus;
import dev.slipway.build.Step;
import dev.slipway.build.TargetStatus;
import dev.slipway.docs.ApiDocument.Operation;
import dev.slipway.error.ErrorCode;
import dev.slipway.http.HttpStatus;
import dev.slipway.joblog.LogLine;
import jakarta.ws.rs.HttpMethod;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The description and the code say the same: calls, fields, members, values and errors. */
class DriftTest {
    private static final ApiDocument DOCUMENT = ApiDocument.written();

    /** What the framework serves and not a resource of ours. */
    private static final Set<String> PAGES =
            Set.of("GET /docs", "GET /openapi.json", "GET /q/health/live", "GET /q/health/ready");

    /** What no request can bring about yet. */
    private static final Set<ErrorCode> NOT_YET =
            Set.of(ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN, ErrorCode.QUOTA_EXCEEDED);

    /** What is wrong with a source, which is how a build ends that fetched it. */
    private static final Pattern OF_A_SOURCE =
            Pattern.compile("archive-.*|dockerfile-.*|image-name-invalid|unsupported-media-type");

    @Test
    void every_call_of_a_resource_is_described_and_every_described_one_is_there() {
        Set<String> described = DOCUMENT.operations().stream()
                .map(operation -> operation.method() + " " + anyParameter(operation.path()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> there = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.slipway").stream()
                        .filter(type -> type.isAnnotatedWith(jakarta.ws.rs.Path.class))
                        .map(JavaClass::reflect)
                        .flatMap(DriftTest::calls)
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(there).isNotEmpty();
        there.addAll(PAGES);
        assertThat(described).isEqualTo(there);
    }

    private static Stream<String> calls(Class<?> resource) {
        String base = resource.getAnnotation(jakarta.ws.rs.Path.class).value();
        return Arrays.stream(resource.getDeclaredMethods()).flatMap(method -> verbs(method)
                .map(verb -> verb + " " + anyParameter((base + suffix(method)).replace("//", "/"))));
    }

    private static Stream<String> verbs(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(Annotation::annotationType)
                .filter(type -> type.isAnnotationPresent(HttpMethod.class))
                .map(type -> type.getAnnotation(HttpMethod.class).value());
    }

    private static String suffix(Method method) {
        jakarta.ws.rs.Path path = method.getAnnotation(jakarta.ws.rs.Path.class);
        return path == null ? "" : "/" + path.value();
    }

    private static String anyParameter(String path) {
        return path.replaceAll("\\{[^}]*}", "{}");
    }

    @Test
    void every_field_of_a_form_or_query_is_described_and_every_described_one_is_known() throws Exception {
        Set<String> known = strings((Collection<?>) constant("dev.slipway.intake.Fields", "KNOWN"));
        known.add("tar_url");
        Set<String> query = new TreeSet<>(known);
        query.removeAll(Set.of("username", "password"));
        Set<String> form = new TreeSet<>(known);
        form.addAll(Set.of("file", "dockerfile", "files"));

        assertThat(queryParameters("createBuild")).isEqualTo(query);
        assertThat(properties(DOCUMENT.schema("BuildForm"))).isEqualTo(form);
    }

    @Test
    void every_member_of_a_json_submission_is_described_and_every_described_one_is_known() throws Exception {
        Set<String> known = strings(((Map<?, ?>) constant("dev.slipway.api.JsonSubmission", "FIELDS")).keySet());

        assertThat(properties(DOCUMENT.schema("BuildSubmission"))).isEqualTo(known);
    }

    private static Object constant(String type, String name) throws ReflectiveOperationException {
        Field field = Class.forName(type).getDeclaredField(name);
        field.setAccessible(true);
        return field.get(null);
    }

    private static Set<String> strings(Collection<?> names) {
        return names.stream().map(String.class::cast).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> queryParameters(String operation) {
        return DOCUMENT.operations().stream()
                .filter(candidate -> candidate.id().equals(operation))
                .flatMap(found -> DOCUMENT.parameters(found).stream())
                .filter(parameter -> parameter.path("in").asText().equals("query"))
                .map(parameter -> parameter.path("name").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void what_is_shown_has_the_members_of_its_schema() {
        Map.of(
                        "Build", BuildJson.class,
                        "Target", BuildJson.Target.class,
                        "Source", BuildJson.Source.class,
                        "StepRun", BuildJson.StepRun.class,
                        "BuildError", BuildJson.Failure.class,
                        "Links", BuildJson.Links.class,
                        "BuildPage", BuildPage.class,
                        "LogLine", LogLine.class)
                .forEach((name, type) -> {
                    JsonNode schema = DOCUMENT.schema(name);
                    Set<String> members = Arrays.stream(type.getRecordComponents())
                            .map(RecordComponent::getName)
                            .collect(Collectors.toCollection(TreeSet::new));
                    assertThat(properties(schema)).as(name).isEqualTo(members);
                    assertThat(texts(schema.path("required"))).as(name).isEqualTo(members);
                    assertThat(schema.path("additionalProperties").asBoolean(true))
                            .as(name)
                            .isFalse();
                });
    }

    @Test
    void values_are_those_of_the_code() {
        Set<String> steps = names(Step.values());
        Set<String> targets = Arrays.stream(TargetStatus.values())
                .map(TargetStatus::text)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> streams = Arrays.stream(LogLine.Stream.values())
                .map(LogLine.Stream::label)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(texts(DOCUMENT.schema("Step").path("enum"))).isEqualTo(steps);
        assertThat(values("Build", "status")).isEqualTo(names(BuildStatus.values()));
        assertThat(values("Target", "status")).isEqualTo(targets);
        assertThat(values("LogLine", "stream")).isEqualTo(streams);
        for (String member : List.of("Build step", "BuildError step", "LogLine step")) {
            Set<String> values = values(member.split(" ")[0], member.split(" ")[1]);
            assertThat(values.remove("null")).as(member).isTrue();
            assertThat(values).as(member).isEqualTo(steps);
        }
    }

    private static Set<String> values(String schema, String member) {
        return texts(DOCUMENT.schema(schema).path("properties").path(member).path("enum"));
    }

    private static Set<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void every_problem_has_the_status_of_its_code() {
        for (Operation operation : DOCUMENT.operations()) {
            DOCUMENT.responses(operation).forEach((status, response) -> {
                JsonNode schema = response.at("/content/application~1problem+json/schema");
                for (String type : ApiDocument.problemTypes(schema)) {
                    ErrorCode code = ErrorCode.ofSlug(type.substring("/problems/".length()));
                    assertThat("/problems/" + code.slug()).isEqualTo(type);
                    // how a build ended is no failure of the request itself
                    if (!(operation.id().equals("buildForm") && code == ErrorCode.STORAGE_FULL)) {
                        assertThat(status).as(operation.id() + " " + type).isEqualTo("" + HttpStatus.of(code));
                    }
                }
            });
        }
    }

    @Test
    void every_problem_that_can_come_is_described() {
        Set<String> described =
                ApiDocument.problemTypes(DOCUMENT.root()).stream().collect(Collectors.toCollection(TreeSet::new));
        Set<String> possible = Arrays.stream(ErrorCode.values())
                .filter(code -> !NOT_YET.contains(code))
                .map(code -> "/problems/" + code.slug())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(described).isEqualTo(possible);
    }

    @Test
    void the_readme_lists_the_ends_of_builds_that_are_described() throws IOException {
        String line = Files.readString(Path.of("README.md"))
                .lines()
                .filter(text -> text.startsWith("Its types: "))
                .findFirst()
                .orElseThrow();
        Set<String> listed = Pattern.compile("`([a-z-]+)`")
                .matcher(line)
                .results()
                .map(found -> "/problems/" + found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));

        Arrays.stream(ErrorCode.values())
                .map(ErrorCode::slug)
                .filter(OF_A_SOURCE.asMatchPredicate())
                .forEach(slug -> listed.add("/problems/" + slug));

        assertThat(values("BuildError", "type")).isEqualTo(listed);
    }

    /** All classes of scenarios; what none of them provokes is not documented, and what is documented one provokes. */
    @Test
    void every_documented_answer_is_provoked_once() {
        List<String> provoked = Stream.of(
                        AnswersTest.SCENARIOS,
                        FormatAnswersTest.SCENARIOS,
                        BuiltAnswersTest.SCENARIOS,
                        LimitedAnswersTest.SCENARIOS,
                        FullDiskAnswersTest.SCENARIOS,
                        SwitchedOffAnswersTest.SCENARIOS,
                        OutageAnswersTest.SCENARIOS)
                .flatMap(scenarios -> scenarios.names().stream())
                .toList();

        assertThat(provoked).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(DOCUMENT.names());
    }

    private static Set<String> properties(JsonNode schema) {
        Set<String> names = new TreeSet<>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).collect(Collectors.toCollection(TreeSet::new));
    }
}
