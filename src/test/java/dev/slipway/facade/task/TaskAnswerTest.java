package dev.slipway.facade.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.build.Build;
import dev.slipway.build.BuildStatus;
import dev.slipway.build.BuildTarget;
import dev.slipway.build.BuildView;
import dev.slipway.build.Step;
import dev.slipway.error.ErrorCode;
import dev.slipway.http.ErrorAnswer;
import dev.slipway.http.Problem;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What format E says: state by state, error by error, and how much of a form it repeats. */
class TaskAnswerTest {
    private static final String REASON = "tried to do it but this is a test";

    @ParameterizedTest
    @CsvSource({"QUEUED,", "QUEUED, PUSH", "RUNNING,", "RUNNING, UNPACK", "RUNNING, BUILD", "RUNNING, PUSH"})
    void what_has_not_ended_is_processing(BuildStatus status, Step step) {
        Build build = build(status);
        build.step = step;

        assertThat(status(build, "docker.io/demo/app:v1")).isEqualTo(new JsonObject().put("status", "processing"));
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io/demo/app:v1, https://hub.docker.com/r/demo/app",
        "index.docker.io/demo/app:v1, https://hub.docker.com/r/demo/app",
        "registry.example.com/demo/app:v1, https://registry.example.com/demo/app",
        "127.0.0.1:5000/demo/app:v1, http://127.0.0.1:5000/demo/app"
    })
    void what_is_pushed_has_the_address_of_its_image(String image, String address) {
        JsonObject expected = new JsonObject().put("status", "success").put("image_url", address);
        Build own = build(BuildStatus.SUCCEEDED);
        Build foreign = build(BuildStatus.SUCCEEDED);
        foreign.origin = "api";
        foreign.originFields = "{}";

        assertThat(status(own, image)).isEqualTo(expected.copy().put("image_reference", "demo/app:v1"));
        assertThat(status(foreign, image)).isEqualTo(expected.copy().put("image_reference", image));
    }

    @ParameterizedTest
    @CsvSource({
        "FAILED, build-failed, BUILD,, build",
        "FAILED, pull-failed, PULL,, build",
        "FAILED, unpack-failed, UNPACK,, build",
        "FAILED, fetch-failed, FETCH,, build",
        "FAILED, worker-crashed,,, build",
        "FAILED, tag-failed, TAG, sha256:1, push",
        "FAILED, login-failed, LOGIN, sha256:1, push",
        "FAILED, push-failed, PUSH, sha256:1, push",
        "FAILED, push-failed, PUSH,, push",
        "FAILED, worker-crashed,, sha256:1, push",
        "CANCELLED, cancelled, BUILD,, build",
        "CANCELLED, cancelled,,, build",
        "CANCELLED, cancelled, PUSH,, push"
    })
    void what_failed_names_the_half_it_failed_in(
            BuildStatus status, String code, Step step, String imageId, String half) {
        Build build = build(status);
        build.errorCode = code;
        build.errorDetail = REASON;
        build.errorStep = step;
        build.imageId = imageId;

        assertThat(status(build, "docker.io/demo/app:v1"))
                .isEqualTo(new JsonObject()
                        .put("status", "failed")
                        .put("step", half)
                        .put("error", code.equals("cancelled") ? "cancelled" : REASON));
    }

    private static JsonObject status(Build build, String image) {
        BuildTarget target = new BuildTarget();
        target.image = image;
        return TaskAnswer.status(
                new BuildView(build, List.of(target), List.of(), OptionalLong.empty()), Set.of("127.0.0.1:5000"));
    }

    private static Build build(BuildStatus status) {
        Build build = new Build();
        build.id = UUID.randomUUID();
        build.status = status;
        build.origin = TaskFormat.NAME;
        build.originFields = new Target("demo", "app", "v1").toOrigin("Dockerfile");
        return build;
    }

    @ParameterizedTest
    @CsvSource({
        "REQUEST_TOO_LARGE, 413",
        "ARCHIVE_TOO_LARGE, 413",
        "ARCHIVE_NAME_TOO_LONG, 413",
        "REQUEST_TIMEOUT, 408",
        "NOT_ACCEPTABLE, 406",
        "UNAVAILABLE, 503",
        "STORAGE_FULL, 507",
        "INTERNAL, 500",
        "REQUEST_INVALID, 400"
    })
    void what_is_no_fields_fault_keeps_its_status(ErrorCode code, int status) {
        ErrorAnswer answer = new TaskFormat().render(new Problem(code, REASON));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.mediaType()).isEqualTo("application/json");
        assertThat(new JsonObject(answer.body())).isEqualTo(new JsonObject().put("detail", REASON));
    }

    @ParameterizedTest
    @CsvSource({
        "DOCKERFILE_POLICY, body, dockerfile",
        "DOCKERFILE_MISSING, body, dockerfile",
        "IMAGE_NAME_INVALID, body, dockerfile",
        "ARCHIVE_PATH_ESCAPE, body, optional_files",
        "ARCHIVE_ENTRY_NAME, body, optional_files",
        "ARCHIVE_DUPLICATE_ENTRY, body, optional_files",
        "IDEMPOTENCY_KEY_REUSED, header, Idempotency-Key"
    })
    void what_is_refused_without_a_field_is_told_of_the_one_it_came_in(ErrorCode code, String place, String field) {
        ErrorAnswer answer = new TaskFormat().render(new Problem(code, REASON));

        JsonArray faults = new JsonObject(answer.body()).getJsonArray("detail");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(faults)
                .isEqualTo(new JsonArray()
                        .add(new JsonObject()
                                .put("type", "value_error")
                                .put("loc", new JsonArray().add(place).add(field))
                                .put("msg", "Value error, " + REASON)
                                .putNull("input")));
    }

    @Test
    void files_are_repeated_as_text_or_base64() throws IOException {
        Echo echo = new Echo();
        add(echo, "text", "schön\n".getBytes(StandardCharsets.UTF_8));
        add(echo, "empty", new byte[0]);
        add(echo, "half a character", new byte[] {'a', (byte) 0xc3});
        add(echo, "a NUL", new byte[] {'a', 0});

        assertThat(echo.files())
                .isEqualTo(new JsonObject()
                        .put("text", "schön\n")
                        .put("empty", "")
                        .put("half a character", "YcM=")
                        .put("a NUL", "YQA="));
    }

    @Test
    void a_file_that_does_not_fit_into_the_answer_is_null() throws IOException {
        Echo echo = new Echo();
        add(echo, "half", "a".repeat(Echo.MAX / 2).getBytes(StandardCharsets.UTF_8));
        add(echo, "too large", "b".repeat(Echo.MAX / 2).getBytes(StandardCharsets.UTF_8));
        add(
                echo,
                "larger when it is written down",
                "\u0001".repeat(Echo.MAX / 8).getBytes(StandardCharsets.UTF_8));
        add(echo, "small", new byte[] {'c'});

        assertThat(echo.files().fieldNames())
                .containsExactly("half", "too large", "larger when it is written down", "small");
        assertThat(echo.files().getString("half")).hasSize(Echo.MAX / 2);
        assertThat(echo.files().getValue("too large")).isNull();
        assertThat(echo.files().getValue("larger when it is written down")).isNull();
        assertThat(echo.files().getString("small")).isEqualTo("c");
    }

    @Test
    void names_alone_do_not_make_the_answer_endless() throws IOException {
        Echo echo = new Echo();
        for (int i = 0; i < 2_000; i++) {
            add(echo, i + "-".repeat(1_000), new byte[0]);
        }

        assertThat(echo.files().size()).isBetween(900, 1_100);
        assertThat(echo.files().encode().length()).isLessThanOrEqualTo(Echo.MAX + 2);
    }

    private static void add(Echo echo, String name, byte[] content) throws IOException {
        try (InputStream in = new ByteArrayInputStream(content)) {
            Echo.Tap tap = echo.tap(in);
            assertThat(tap.readAllBytes()).isEqualTo(content);
            echo.add(name, tap);
        }
    }
}
