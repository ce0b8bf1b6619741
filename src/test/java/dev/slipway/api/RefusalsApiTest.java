package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.Everything;
import dev.slipway.RefusalFixture;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are refused: they say why, and leave neither a row nor a file. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(60)
class RefusalsApiTest extends RefusalFixture {
    private static final byte[] TAR = TestSource.holding("refused").tar();

    private static TestForm form() {
        return new TestForm().file("file", "source.tar", TAR);
    }

    private void refused(TestForm form, int status, String slug, String named) {
        String detail = client.post(BUILDS, form).problem(status, slug).getString("detail");
        assertThat(detail).startsWith("tried to ").contains(" but ").contains(named);
    }

    @Test
    void what_is_missing_is_named() {
        refused(form(), 400, "request-invalid", "`image`");
        refused(new TestForm().field("image", "a"), 400, "request-invalid", "`file`");
        refused(new TestForm(), 400, "request-invalid", "`image`");
        refused(
                new TestForm().field("image", "a").file("files", "one", new byte[1]),
                400,
                "request-invalid",
                "`dockerfile`");
        refused(form().field("image", "a").field("username", "u"), 400, "request-invalid", "`password`");
    }

    @Test
    void what_is_given_twice_is_named() {
        refused(form().field("image", "a").file("file", "b", TAR), 400, "request-invalid", "`file`");
        refused(
                form().field("target", "a").field("image", "a").field("target", "b"),
                400,
                "request-invalid",
                "`target`");
        refused(form().field("image", "a").field("dockerfile", "FROM scratch"), 400, "request-invalid", "`dockerfile`");
        refused(form().field("image", "a").file("files", "one", new byte[1]), 400, "request-invalid", "`files`");
    }

    static String[] badNames() {
        return new String[] {
            "-rf",
            "--all",
            "a\nb",
            "a b",
            "",
            "dir:/x",
            "oci-archive:/tmp/x",
            "docker://a/b",
            "Upper",
            "a".repeat(300),
            "a".repeat(600),
            "a@sha256:" + "0".repeat(64),
            "a:",
            "a:" + "t".repeat(129),
            "../a",
            "a/../b",
            "ü"
        };
    }

    @ParameterizedTest
    @MethodSource("badNames")
    void an_image_name_that_cannot_be_pushed_to_is_refused(String name) {
        refused(form().field("image", name), 422, "image-name-invalid", "");
    }

    @Test
    void a_source_in_a_part_of_another_name_is_told_the_right_one() {
        refused(new TestForm().field("image", "a").file("source", "a.tar", TAR), 400, "request-invalid", "as `file`");
        refused(form().field("image", "a").field("source", "text"), 400, "request-invalid", "`source`");
    }

    @Test
    void an_archive_that_is_none_is_refused() {
        byte[] garbage = new byte[20_000];
        Arrays.fill(garbage, (byte) 'x');
        byte[] tgz = TestSource.holding("refused").tgz();

        refused(new TestForm().field("image", "a").file("file", "f", garbage), 400, "archive-corrupt", "");
        refused(new TestForm().field("image", "a").file("file", "f", new byte[0]), 400, "archive-corrupt", "");
        refused(
                new TestForm().field("image", "a").file("file", "f", Arrays.copyOf(TAR, 700)),
                400,
                "archive-corrupt",
                "");
        refused(
                new TestForm().field("image", "a").file("file", "f", Arrays.copyOf(tgz, tgz.length - 20)),
                400,
                "archive-corrupt",
                "");
        client.post(BUILDS + "?image=a", garbage).problem(400, "archive-corrupt");
        client.post(BUILDS + "?image=a").problem(400, "archive-corrupt");
    }

    @Test
    void a_source_without_a_dockerfile_is_refused() {
        TestForm form = new TestForm().field("image", "a").source(new TestSource().file("readme", "no Dockerfile"));
        refused(form, 422, "dockerfile-missing", "Dockerfile");
        refused(form().field("image", "a").field("dockerfile_path", "other"), 422, "dockerfile-missing", "other");
    }

    @Test
    void a_dockerfile_that_names_what_is_not_in_a_registry_is_refused() {
        TestForm form = new TestForm().field("image", "a").field("dockerfile", "FROM oci:/etc\n");
        client.post(BUILDS, form).problem(422, "dockerfile-policy");
    }

    @Test
    void a_body_in_the_query_form_is_refused_with_a_hint() {
        byte[] body = "image=a&dockerfile=FROM+scratch".getBytes(StandardCharsets.UTF_8);
        Answer answer = client.post(BUILDS, body, "Content-Type", "application/x-www-form-urlencoded");
        assertThat(answer.problem(415, "unsupported-media-type").getString("detail"))
                .contains("-F");
    }

    @Test
    void passwords_do_not_belong_into_the_query() {
        Answer answer = client.post(BUILDS + "?image=a&username=u&password=pw-in-query", TAR);
        assertThat(answer.problem(400, "request-invalid").encode())
                .contains("X-Registry-Auth")
                .doesNotContain("pw-in-query");
        client.post(BUILDS + "?image=a", TAR, "X-Registry-Auth", "pw-in-header").problem(400, "request-invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/nowhere", "/nowhere", "/api/v1/builds/x/nowhere"})
    void an_unknown_path_is_not_found(String path) {
        client.get(path).problem(404, "not-found");
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /api/v1/builds, 'GET, HEAD, OPTIONS, POST'",
        "POST, /api/v1/builds/1, 'DELETE, GET, HEAD, OPTIONS'",
        "GET, /api/v1/builds/1/cancel, 'OPTIONS, POST'",
        "GET, /build, 'OPTIONS, POST'",
        "PUT, /build, 'OPTIONS, POST'"
    })
    void a_wrong_method_says_which_are_allowed(String method, String path, String allowed) {
        Answer answer = client.send(method, path, new byte[0]);
        answer.problem(405, "method-not-allowed");
        assertThat(answer.header("Allow").split(", ?")).containsExactlyInAnyOrder(allowed.split(", "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999", "0", "not-a-build", "1-1-1-1-1", "random"})
    void an_unknown_build_is_not_found(String build) {
        String path = BUILDS + "/" + build.replace("random", UUID.randomUUID().toString());
        client.get(path).problem(404, "not-found");
        client.get(path + "/logs").problem(404, "not-found");
        client.get(path + "/logs?follow=true").problem(404, "not-found");
        client.post(path + "/cancel").problem(404, "not-found");
        client.post(path + "/retry").problem(404, "not-found");
        client.send("DELETE", path, new byte[0]).problem(404, "not-found");
    }
}
