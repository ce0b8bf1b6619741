package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.slipway.Everything;
import dev.slipway.RefusalFixture;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field with every kind of bad value in each wire form: refused in that form's words, and nothing is left. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(60)
class FieldsApiTest extends RefusalFixture {
    private static final byte[] TAR = TestSource.holding("refused").tar();
    private static final String INVALID = "request-invalid";

    /** What each field is called in a document; the two other forms have our own names. */
    private static final Map<String, String> IN_JSON = Map.of(
            "image", "images",
            "dockerfile_path", "dockerfilePath",
            "build_arg", "buildArgs",
            "label", "labels",
            "no_cache", "noCache",
            "tar_url", "tarUrl");

    /** The ways to hand in a build. */
    enum Wire {
        FORM,
        QUERY,
        JSON;

        String spell(String field) {
            return this == JSON ? IN_JSON.getOrDefault(field, field) : field;
        }

        boolean has(String field) {
            return this != QUERY || !List.of("username", "password").contains(field);
        }
    }

    /** A field with values that no wire form may let through. */
    private record Bad(String field, int status, String slug, String... values) {
        static Bad form(String field, String... values) {
            return new Bad(field, 400, INVALID, values);
        }

        Stream<Arguments> cases() {
            return Arrays.stream(Wire.values()).filter(wire -> wire.has(field)).flatMap(wire -> Arrays.stream(values)
                    .map(value -> arguments(wire, field, value, status, slug)));
        }
    }

    static Stream<Arguments> badValues() {
        String[] paths = {"", "  ", "..", "../..", "a/../../b", "/etc", "/", "a\nb", "a\u007fb", "a\0b", "a/.."};
        String[] flags = {"perhaps", " ", "true ", "2", "--all", "\0"};
        String[] pairs = {"=x", "-x=y", "--all=", "A B=c", "A\n=c", " A=c", "A=\0", "\u00fc=x", "\0=x"};
        return Stream.of(
                        new Bad(
                                "image",
                                422,
                                "image-name-invalid",
                                "",
                                " ",
                                "Upper",
                                "--all",
                                "a b",
                                "a\nb",
                                "dir:/x",
                                "docker://a/b",
                                "a@sha256:" + "0".repeat(64),
                                "a".repeat(600),
                                "../a",
                                "\u00fc"),
                        Bad.form("image", "a\0"),
                        Bad.form("context", paths),
                        Bad.form("dockerfile_path", paths),
                        Bad.form("dockerfile_path", ".", "a/", "./"),
                        Bad.form("build_arg", pairs),
                        Bad.form("build_arg", "1A=x", "a-b=c", "a.b=c"),
                        Bad.form("label", pairs),
                        Bad.form("target", "", " ", "--all", "a b", "a\nb", "\u00fc", "a\0", "a,b"),
                        Bad.form(
                                "platform",
                                "",
                                " ",
                                "linux",
                                "linux/",
                                "/amd64",
                                "windows/amd64/x/y",
                                "--all",
                                "-a/-b",
                                "Linux/AMD64",
                                "linux/amd64,linux/arm64",
                                "a\0/b"),
                        Bad.form("no_cache", flags),
                        Bad.form("pull", flags),
                        Bad.form(
                                "timeout",
                                "",
                                " ",
                                "soon",
                                "0",
                                "-1",
                                "+5",
                                "1.5",
                                "1e3",
                                "PT25H",
                                "P2D",
                                "PT0S",
                                "-PT5M",
                                "PT0.5S",
                                "86401",
                                "99999999999",
                                "PT9999999999999999999H",
                                "\0"),
                        Bad.form("username", "", " ", "a:b", "a\nb", "a\0"),
                        Bad.form("password", "", "a\0"),
                        Bad.form("colour", "red"),
                        Bad.form("Image", "a"),
                        Bad.form("TARGET", "a"),
                        Bad.form("build-arg", "A=b"),
                        Bad.form("tar_url", "http://127.0.0.1/x.tar"))
                .flatMap(Bad::cases);
    }

    @ParameterizedTest
    @MethodSource("badValues")
    void a_bad_value_is_refused_by_the_name_of_its_field(
            Wire wire, String field, String value, int status, String slug) {
        refused(wire, send(wire, field, value), status, slug, field);
    }

    static Stream<Arguments> singleFields() {
        return Stream.of(
                        "context=a",
                        "dockerfile_path=a",
                        "target=a",
                        "platform=linux/amd64",
                        "no_cache=true",
                        "pull=true",
                        "timeout=5",
                        "username=u",
                        "password=p")
                .flatMap(each -> Arrays.stream(Wire.values())
                        .filter(wire -> wire.has(each.split("=")[0]))
                        .map(wire -> arguments(wire, each.split("=")[0], each.split("=")[1])));
    }

    @ParameterizedTest
    @MethodSource("singleFields")
    void a_single_field_given_twice_is_refused(Wire wire, String field, String value) {
        Answer answer = wire == Wire.JSON
                ? document(document().encode().replaceFirst("}$", twice(field, value) + "}"))
                : send(wire, field, value, value);
        assertThat(refused(wire, answer, 400, INVALID, field)).contains("twice");
    }

    private static String twice(String field, String value) {
        String member = ",\"" + Wire.JSON.spell(field) + "\":" + Json.encode(jsonValue(field, value));
        return member + member;
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void a_missing_image_is_named(Wire wire) {
        Answer answer =
                switch (wire) {
                    case FORM -> client.post(BUILDS, new TestForm().file("file", "f", TAR));
                    case QUERY -> client.post(BUILDS, TAR);
                    case JSON -> client.post(BUILDS, new JsonObject().put("dockerfile", "FROM scratch"));
                };
        refused(wire, answer, 400, INVALID, "image");
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void forty_images_are_too_many(Wire wire) {
        String[] images = IntStream.range(0, 40).mapToObj(i -> "a:" + i).toArray(String[]::new);
        refused(wire, send(wire, "image", images), 400, INVALID, "image");
    }

    @ParameterizedTest
    @EnumSource(value = Wire.class, names = "QUERY", mode = EnumSource.Mode.EXCLUDE)
    void fields_that_are_too_long_are_a_413(Wire wire) {
        String huge = "x".repeat(70_000);
        for (String field :
                List.of("image", "context", "dockerfile_path", "target", "platform", "timeout", "username")) {
            refused(wire, send(wire, field, huge), 413, "request-too-large", field);
        }
        refused(wire, send(wire, "label", "a=" + huge), 413, "request-too-large", "label");
        String[] many = IntStream.range(0, 10)
                .mapToObj(i -> "A" + i + "=" + huge.substring(0, 60_000))
                .toArray(String[]::new);
        refused(wire, send(wire, "build_arg", many), 413, "request-too-large", "build_arg");
    }

    /** The HTTP parser's own limit, before anybody knows whose request it is. */
    @ParameterizedTest
    @EnumSource(value = Wire.class, names = "QUERY")
    void a_query_that_is_too_long_is_refused_by_the_parser(Wire wire) {
        assertThat(send(wire, "label", "a=" + "x".repeat(70_000)).status()).isEqualTo(414);
    }

    @ParameterizedTest
    @EnumSource(value = Wire.class, names = "QUERY", mode = EnumSource.Mode.EXCLUDE)
    void credentials_come_in_twos(Wire wire) {
        refused(wire, send(wire, Map.of("username", "u")), 400, INVALID, "password");
        refused(wire, send(wire, Map.of("password", "p")), 400, INVALID, "username");
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void what_is_not_utf_8_is_refused(Wire wire) {
        byte[] broken = {'a', (byte) 0xff};
        Answer answer =
                switch (wire) {
                    case FORM -> client.post(BUILDS, form().field("image", "a").file("label", "f", broken));
                    case QUERY -> client.post(BUILDS + "?image=a&label=a%FF", TAR);
                    case JSON ->
                        client.post(
                                BUILDS,
                                "{\"labels\":{\"a\":\"\u00ff\"}}".getBytes(StandardCharsets.ISO_8859_1),
                                "Content-Type",
                                "application/json");
                };
        String detail = answer.problem(400, INVALID).getString("detail");
        assertThat(detail).contains("UTF-8");
        if (wire != Wire.JSON) {
            refused(wire, answer, 400, INVALID, "label");
        }
    }

    private static TestForm form() {
        return new TestForm().file("file", "source.tar", TAR);
    }

    private static JsonObject document() {
        return new JsonObject().put("images", JsonArray.of("a")).put("dockerfile", "FROM scratch");
    }

    private Answer document(String text) {
        return client.post(BUILDS, text.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
    }

    /** Everything is well but this field, given once for each value. */
    private Answer send(Wire wire, String field, String... values) {
        return switch (wire) {
            case FORM -> {
                TestForm form = form();
                if (!field.equals("image")) {
                    form.field("image", "a");
                }
                credentialsBeside(field).forEach(form::field);
                Arrays.stream(values).forEach(value -> form.field(field, value));
                yield client.post(BUILDS, form);
            }
            case QUERY -> {
                String query = Arrays.stream(values)
                        .map(value -> field + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
                yield client.post(BUILDS + "?" + (field.equals("image") ? "" : "image=a&") + query, TAR);
            }
            case JSON -> {
                JsonObject document = document();
                credentialsBeside(field).forEach(document::put);
                yield document(document.put(wire.spell(field), jsonValue(field, values))
                        .encode());
            }
        };
    }

    private Answer send(Wire wire, Map<String, String> fields) {
        TestForm form = form().field("image", "a");
        JsonObject document = document();
        fields.forEach((name, value) -> {
            form.field(name, value);
            document.put(name, value);
        });
        return wire == Wire.FORM ? client.post(BUILDS, form) : client.post(BUILDS, document);
    }

    private static Map<String, String> credentialsBeside(String field) {
        return switch (field) {
            case "username" -> Map.of("password", "p");
            case "password" -> Map.of("username", "u");
            default -> Map.of();
        };
    }

    /** What a document holds where a form has these values. */
    private static Object jsonValue(String field, String... values) {
        return switch (field) {
            case "image" -> JsonArray.of((Object[]) values);
            case "build_arg", "label" -> {
                JsonObject pairs = new JsonObject();
                Arrays.stream(values).map(value -> value.split("=", 2)).forEach(pair -> pairs.put(pair[0], pair[1]));
                yield pairs;
            }
            case "no_cache", "pull" -> values[0].equals("true") ? (Object) true : values[0];
            default -> values[0];
        };
    }

    private static String refused(Wire wire, Answer answer, int status, String slug, String field) {
        JsonObject problem = answer.problem(status, slug);
        String spelled = wire.spell(field);
        assertThat(problem.getString("field")).as(answer.body()).isEqualTo(spelled);
        assertThat(problem.getString("detail"))
                .startsWith("tried to ")
                .contains(" but ")
                .contains("`" + spelled + "`")
                .doesNotContain("\0");
        return problem.getString("detail");
    }
}
