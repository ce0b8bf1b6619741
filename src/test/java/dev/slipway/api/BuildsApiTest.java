package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Source in, image in the registry, and what can be read about it. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class BuildsApiTest extends ApiFixture {
    private static final String[] FIELDS = {
        "id",
        "number",
        "status",
        "step",
        "cancelRequested",
        "images",
        "targets",
        "imageId",
        "digest",
        "attempt",
        "source",
        "queuePosition",
        "createdAt",
        "startedAt",
        "finishedAt",
        "steps",
        "error",
        "links"
    };

    private String resolved(String name) {
        return registry.host() + "/demo/" + name;
    }

    @Test
    void an_archive_in_a_form_becomes_an_image_in_the_registry() throws Exception {
        byte[] archive = TestSource.running("RUN echo 'printed by RUN'; echo 'and on stderr' >&2")
                .tar();
        Answer taken = client.post(
                BUILDS, new TestForm().file("file", "source.tar", archive).field("image", "form"));

        JsonObject queued = taken.json(202);
        String id = queued.getString("id");
        assertThat(taken.header("Location")).isEqualTo(BUILDS + "/" + id);
        assertThat(queued.fieldNames()).containsExactlyInAnyOrder(FIELDS);
        assertThat(queued.getJsonArray("images").encode()).isEqualTo("[\"" + resolved("form") + ":latest\"]");
        assertThat(queued.getString("status")).isIn("QUEUED", "RUNNING");
        JsonObject source = queued.getJsonObject("source");
        assertThat(source.fieldNames()).containsExactlyInAnyOrder("kind", "size", "sha256");
        assertThat(source.getString("kind")).isEqualTo("archive");
        assertThat(source.getLong("size")).isEqualTo(archive.length);
        assertThat(source.getString("sha256"))
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(archive)));

        JsonObject build = client.ended(id, "SUCCEEDED");
        assertThat(build.fieldNames()).containsExactlyInAnyOrder(FIELDS);
        assertThat(build.getString("digest")).startsWith("sha256:").isEqualTo(registry.digest("demo/form", "latest"));
        JsonObject target = TestClient.targets(build).getFirst();
        assertThat(target.fieldNames()).containsExactlyInAnyOrder("image", "status", "digest", "error");
        assertThat(target.getString("status")).isEqualTo("pushed");
        assertThat(build.getString("imageId")).isNotBlank();
        assertThat(build.getInteger("attempt")).isEqualTo(1);
        assertThat(build.getValue("error")).isNull();
        assertThat(build.getValue("queuePosition")).isNull();
        assertThat(TestClient.steps(build, 1)).containsExactly("UNPACK", "BUILD", "TAG", "LOGIN", "PUSH");
        assertThat(build.getJsonArray("steps").getJsonObject(0).fieldNames())
                .containsExactlyInAnyOrder("step", "attempt", "status", "startedAt", "finishedAt");
        assertThat(build.getJsonObject("links").getMap())
                .containsOnly(
                        Map.entry("self", BUILDS + "/" + id),
                        Map.entry("logs", BUILDS + "/" + id + "/logs"),
                        Map.entry("cancel", BUILDS + "/" + id + "/cancel"),
                        Map.entry("retry", BUILDS + "/" + id + "/retry"));
        assertThat(client.build(build.getLong("number").toString())).isEqualTo(build);
        data.awaitEmptyWork();

        List<String> lines = client.log(id).lines().toList();
        assertThat(lines).contains("printed by RUN", "and on stderr");
        Answer rest = client.get(BUILDS + "/" + id + "/logs?after=" + (lines.size() - 2));
        assertThat(rest.body().lines()).containsExactlyElementsOf(lines.subList(lines.size() - 2, lines.size()));
        assertThat(client.get(BUILDS + "/" + id + "/logs?after=" + lines.size()).body())
                .isEmpty();
    }

    @Test
    void a_follower_reads_to_the_last_line_and_is_let_go_when_the_build_ends() {
        String id = client.submit(new TestForm()
                .field("image", "follow")
                .source(TestSource.running("RUN for i in 1 2 3; do echo \"line $i\"; /bin/busybox sleep 0.2; done")));

        Answer followed = client.get(BUILDS + "/" + id + "/logs?follow=true");

        assertThat(client.build(id).getString("status")).isEqualTo("SUCCEEDED");
        assertThat(followed.body()).isEqualTo(client.log(id)).contains("line 1\nline 2\nline 3\n");
    }

    @Test
    void the_body_alone_is_the_archive_compressed_or_not() throws Exception {
        JsonObject plain = client.send(
                        "POST",
                        BUILDS + "?image=raw:plain",
                        TestSource.holding("raw").tar(),
                        "Prefer",
                        "wait=60")
                .json(200);
        JsonObject zipped = client.post(
                        BUILDS + "?image=raw:zipped&image=raw:other&label=a=b",
                        TestSource.holding("raw").tgz(),
                        "Prefer",
                        "wait=60",
                        "Content-Type",
                        "application/x-tar")
                .json(200);

        assertThat(plain.getString("status")).as(plain.encode()).isEqualTo("SUCCEEDED");
        assertThat(plain.getString("digest")).isEqualTo(registry.digest("demo/raw", "plain"));
        assertThat(zipped.getString("status")).as(zipped.encode()).isEqualTo("SUCCEEDED");
        assertThat(zipped.getString("digest"))
                .isEqualTo(registry.digest("demo/raw", "zipped"))
                .isEqualTo(registry.digest("demo/raw", "other"));
    }

    @Test
    void a_dockerfile_with_files_is_a_source() throws Exception {
        TestForm form = new TestForm()
                .file("files", "one", new byte[] {1})
                .field("dockerfile", "FROM scratch\nCOPY one two /\n")
                .field("image", "text")
                .file("files", "two", new byte[] {2});

        Answer answer = client.post(BUILDS, form, "Prefer", "wait=60");

        JsonObject build = answer.json(200);
        assertThat(answer.header("Preference-Applied")).isEqualTo("wait=60");
        assertThat(answer.header("Location")).isEqualTo(BUILDS + "/" + build.getString("id"));
        assertThat(build.getString("status")).as(build.encode()).isEqualTo("SUCCEEDED");
        assertThat(build.getJsonObject("source").getString("kind")).isEqualTo("dockerfile");
        assertThat(build.getString("digest")).isEqualTo(registry.digest("demo/text", "latest"));
    }

    @Test
    void a_wait_that_is_too_short_answers_202() {
        Answer answer = client.post(
                BUILDS,
                new TestForm().field("image", "short").source(TestSource.running("RUN /bin/busybox sleep 3")),
                "Prefer",
                "wait=1");

        JsonObject build = answer.json(202);
        assertThat(answer.header("Preference-Applied")).isEqualTo("wait=1");
        client.ended(build.getString("id"), "SUCCEEDED");
    }

    @Test
    void options_reach_the_build() throws Exception {
        TestSource source = new TestSource()
                .file("sub/other", "FROM scratch AS first\nARG WORD\nLABEL word=$WORD\nFROM first\nCOPY nowhere /\n");
        client.run(
                new TestForm()
                        .field("image", "options")
                        .field("context", "sub")
                        .field("dockerfile_path", "other")
                        .field("build_arg", "WORD=heard")
                        .field("label", "said=yes")
                        .field("target", "first")
                        .field("no_cache", "true")
                        .source(source),
                "SUCCEEDED");

        JsonObject labels = registry.configuration("demo/options", "latest").getJsonObject("Labels");
        assertThat(labels.getString("word")).isEqualTo("heard");
        assertThat(labels.getString("said")).isEqualTo("yes");
    }

    @Test
    void lists_show_the_newest_first_in_pages() {
        List<String> ids = Stream.of("list:1", "list:2", "list:3")
                .map(image -> client.run(
                        new TestForm().field("image", image).source(TestSource.holding("list")), "SUCCEEDED"))
                .map(build -> build.getString("id"))
                .toList();

        JsonObject first = client.get(BUILDS + "?limit=2").json(200);
        assertThat(first.fieldNames()).containsExactlyInAnyOrder("items", "next");
        assertThat(ids(first)).containsExactly(ids.get(2), ids.get(1));
        JsonObject second = client.get(BUILDS + "?limit=2&cursor=" + first.getString("next"))
                .json(200);
        assertThat(ids(second)).startsWith(ids.get(0));

        JsonObject tagged = client.get(BUILDS + "?image=" + resolved("list:2")).json(200);
        assertThat(ids(tagged)).containsExactly(ids.get(1));
        assertThat(tagged.getValue("next")).isNull();
        assertThat(ids(client.get(BUILDS + "?status=SUCCEEDED&image=" + resolved("list"))
                        .json(200)))
                .containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(ids(client.get(BUILDS + "?status=FAILED&image=" + resolved("list"))
                        .json(200)))
                .isEmpty();
        // as short as in a request
        assertThat(ids(client.get(BUILDS + "?image=list:2").json(200))).containsExactly(ids.get(1));
        client.get(BUILDS + "?image=%00").problem(422, "image-name-invalid");
        client.get(BUILDS + "?limit=201").problem(400, "request-invalid");
        client.get(BUILDS + "?status=DONE").problem(400, "request-invalid");
        client.get(BUILDS + "?cursor=x").problem(400, "request-invalid");
    }

    private static List<String> ids(JsonObject page) {
        return page.getJsonArray("items").stream()
                .map(item -> ((JsonObject) item).getString("id"))
                .toList();
    }
}
