package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.slipway.build.BuildStatus;
import dev.slipway.error.ErrorCode;
import dev.slipway.http.HttpStatus;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.common.utils.StringUtil;
import jakarta.ws.rs.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README's claims that a machine can check: what it says of states, settings, calls, errors, paths and options. */
class ReadmeTest {
    private static final String README = readme();
    private static final String NOT_SET = "–";
    private static final List<JavaClass> CLASSES = List.copyOf(new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.slipway"));

    @Test
    void its_diagram_has_the_transitions_of_the_code_and_no_others() {
        Map<String, Set<String>> drawn = new TreeMap<>();
        find("(?m)^ +([A-Z]+) --> ([A-Z]+)\\b")
                .forEach(arrow -> drawn.computeIfAbsent(arrow.group(1), from -> new TreeSet<>())
                        .add(arrow.group(2)));

        assertThat(drawn).isEqualTo(transitions());
    }

    @Test
    void its_diagram_begins_with_queued_and_ends_where_nothing_follows() {
        assertThat(names("(?m)^ +\\[\\*] --> ([A-Z]+)$")).containsExactly("QUEUED");
        assertThat(names("(?m)^ +([A-Z]+) --> \\[\\*]$"))
                .containsExactlyElementsOf(Arrays.stream(BuildStatus.values())
                        .filter(status -> status.next().isEmpty())
                        .map(Enum::name)
                        .toList());
    }

    @Test
    void its_table_has_every_setting_with_its_default() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        find("(?m)^\\| `(SLIPWAY_[A-Z_]+)` \\| `?([^|`]+?)`? \\| .+ \\|$")
                .forEach(row -> assertThat(documented.put(row.group(1), row.group(2)))
                        .as("a second row of " + row.group(1))
                        .isNull());

        assertThat(documented).isEqualTo(settings());
    }

    @Test
    void it_names_no_variable_that_is_none() throws IOException {
        assertThat(names("\\b(SLIPWAY_[A-Z_]*[A-Z])\\b")).isSubsetOf(settings().keySet());
    }

    @Test
    void its_table_of_calls_has_every_call() {
        Set<String> documented = names("(?m)^\\| `((?:GET|POST|DELETE) /[^`]*)` \\|").stream()
                .map(ReadmeTest::anyParameter)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(documented).isEqualTo(calls());
    }

    @Test
    void its_errors_have_the_status_of_the_code() {
        Map<String, Integer> statuses =
                Arrays.stream(ErrorCode.values()).collect(Collectors.toMap(ErrorCode::slug, HttpStatus::of));
        List<MatchResult> rows = find("(?m)^\\| ([0-9]{3}(?:, [0-9]{3})*) \\| (.*) \\|$");

        assertThat(rows).isNotEmpty();
        for (MatchResult row : rows) {
            Set<Integer> documented = Arrays.stream(row.group(1).split(", "))
                    .map(Integer::valueOf)
                    .collect(Collectors.toSet());
            Set<Integer> actual = slugs(row.group(2)).map(statuses::get).collect(Collectors.toSet());
            assertThat(actual).as(row.group()).isEqualTo(documented);
        }
    }

    @Test
    void its_errors_exist() {
        Set<String> known =
                Arrays.stream(ErrorCode.values()).map(ErrorCode::slug).collect(Collectors.toSet());

        assertThat(names("/problems/([a-z-]+)")).isNotEmpty().isSubsetOf(known);
        assertThat(names("(?m)^Its types: (.*)$").stream().flatMap(ReadmeTest::slugs))
                .isNotEmpty()
                .isSubsetOf(known);
    }

    @Test
    void its_paths_exist() {
        Set<String> paths = names("(?<![\\w/.-])((?:deploy|src|\\.ci)/[\\w./-]*\\w)");
        paths.addAll(names("]\\((?!https?:|#)([^)]+)\\)"));

        assertThat(paths).isNotEmpty().allSatisfy(path -> assertThat(Path.of(path))
                .exists());
    }

    @Test
    void its_links_within_lead_to_a_heading() {
        Set<String> headings = names("(?m)^#+ (.*)$").stream()
                .map(heading -> heading.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());

        assertThat(names("]\\(#([^)]+)\\)")).isSubsetOf(headings);
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "start"})
    void its_options_are_the_scripts_own(String script) throws Exception {
        Set<String> options = find("deploy/" + script + "((?: +[\\w:/.-]+)+)").stream()
                .flatMap(call -> Arrays.stream(call.group(1).strip().split(" +")))
                .filter(word -> word.startsWith("--"))
                .collect(Collectors.toSet());

        assertThat(options).isNotEmpty();
        assertThat(help(script)).contains(options);
    }

    @Test
    void every_script_explains_itself() throws Exception {
        for (String script : List.of("demo", "start", "test")) {
            assertThat(help(script)).startsWith("deploy/" + script);
        }
    }

    private static Map<String, Set<String>> transitions() {
        Map<String, Set<String>> table = new TreeMap<>();
        for (BuildStatus status : BuildStatus.values()) {
            if (!status.next().isEmpty()) {
                table.put(
                        status.name(),
                        status.next().stream().map(Enum::name).collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return table;
    }

    /** The settings of all mappings and of application.properties, as environment variables with their defaults. */
    private static Map<String, String> settings() throws IOException {
        Map<String, String> defaults = new TreeMap<>();
        CLASSES.stream()
                .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                .map(JavaClass::reflect)
                .forEach(mapping -> settingsOf(mapping).forEach(defaults::put));
        Properties properties = new Properties();
        try (InputStream file = ReadmeTest.class.getResourceAsStream("/application.properties")) {
            properties.load(file);
        }
        properties.stringPropertyNames().stream()
                .filter(name -> name.startsWith("slipway."))
                .forEach(name -> defaults.put(variable(name), shown(properties.getProperty(name))));
        return defaults;
    }

    private static Map<String, String> settingsOf(Class<?> mapping) {
        String prefix = mapping.getAnnotation(ConfigMapping.class).prefix();
        return Arrays.stream(mapping.getDeclaredMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .collect(Collectors.toMap(
                        method -> variable(prefix + "." + StringUtil.skewer(method.getName())), ReadmeTest::value));
    }

    private static String value(Method setting) {
        assertThat(setting.getReturnType().isAnnotationPresent(ConfigMapping.class)
                        || setting.getReturnType()
                                        .getName()
                                        .startsWith(setting.getDeclaringClass().getName() + "$")
                                && setting.getReturnType().isInterface())
                .as(setting + " is a group of settings, which this test cannot read")
                .isFalse();
        WithDefault annotation = setting.getAnnotation(WithDefault.class);
        return annotation == null ? NOT_SET : shown(annotation.value());
    }

    private static String variable(String property) {
        return StringUtil.replaceNonAlphanumericByUnderscores(property).toUpperCase(Locale.ROOT);
    }

    /** A default as a reader knows it. */
    private static String shown(String value) {
        return value.replace("${slipway.data}", "$SLIPWAY_DATA").replace("${user.home}", "~");
    }

    private static Set<String> calls() {
        Set<String> calls = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (type.isAnnotatedWith(jakarta.ws.rs.Path.class)) {
                for (Method method : type.reflect().getDeclaredMethods()) {
                    verbs(method)
                            .forEach(verb ->
                                    calls.add(verb + " " + anyParameter(path(type.reflect()) + suffix(method))));
                }
            }
        }
        return calls;
    }

    private static Stream<String> verbs(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(Annotation::annotationType)
                .filter(type -> type.isAnnotationPresent(HttpMethod.class))
                .map(type -> type.getAnnotation(HttpMethod.class).value());
    }

    private static String path(Class<?> resource) {
        return resource.getAnnotation(jakarta.ws.rs.Path.class).value();
    }

    private static String suffix(Method method) {
        jakarta.ws.rs.Path path = method.getAnnotation(jakarta.ws.rs.Path.class);
        return path == null ? "" : "/" + path.value();
    }

    private static String anyParameter(String path) {
        return path.replaceAll("\\{[^}]*}", "{}").replace("//", "/");
    }

    private static Stream<String> slugs(String text) {
        return Pattern.compile("`([a-z-]+)`").matcher(text).results().map(found -> found.group(1));
    }

    private static List<MatchResult> find(String pattern) {
        return Pattern.compile(pattern).matcher(README).results().toList();
    }

    private static Set<String> names(String pattern) {
        return find(pattern).stream().map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String help(String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("deploy/" + script, "--help")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }

    private static String readme() {
        try {
            return Files.readString(Path.of("README.md"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
