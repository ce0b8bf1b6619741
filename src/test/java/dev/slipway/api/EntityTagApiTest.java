package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.TestClient.Answer;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A build that the client has already is not sent again. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class EntityTagApiTest extends ApiFixture {
    private String path(String id) {
        return BUILDS + "/" + id;
    }

    @Test
    void the_tag_changes_with_the_build_and_only_with_it() {
        String id = client.submit(
                new TestForm().field("image", "tagged").source(TestSource.running("RUN /bin/busybox sleep 2")));
        Answer early = client.get(path(id));
        client.ended(id, "SUCCEEDED");

        Answer first = client.get(path(id));
        Answer second = client.get(path(first.json(200).getLong("number").toString()));

        assertThat(first.header("ETag")).matches("\"[A-Za-z0-9_-]+\"").isEqualTo(second.header("ETag"));
        assertThat(first.body()).isEqualTo(second.body());
        assertThat(first.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(early.header("ETag")).isNotEmpty().isNotEqualTo(first.header("ETag"));
    }

    @Test
    void who_has_it_gets_a_304_without_a_body() {
        String id = client.run(new TestForm().field("image", "kept").source(TestSource.holding("kept")), "SUCCEEDED")
                .getString("id");
        String tag = client.get(path(id)).header("ETag");

        for (String has :
                new String[] {tag, "W/" + tag, "*", "\"other, one\", " + tag, "\"a\",W/" + tag + " , \"b\""}) {
            for (String method : new String[] {"GET", "HEAD"}) {
                Answer answer = client.send(method, path(id), new byte[0], "If-None-Match", has);
                assertThat(answer.status()).as(method + " " + has).isEqualTo(304);
                assertThat(answer.header("ETag")).isEqualTo(tag);
                assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
                assertThat(answer.body()).isEmpty();
            }
        }
        assertThat(client.get(path(id), "If-None-Match", "\"a\"", "If-None-Match", tag)
                        .status())
                .isEqualTo(304);
        for (String hasNot : new String[] {"\"other\"", tag.replace("\"", ""), "\"" + tag, "", "W/*", "\"*\""}) {
            assertThat(client.get(path(id), "If-None-Match", hasNot).body())
                    .as(hasNot)
                    .contains(id);
        }
        Answer head = client.send("HEAD", path(id), new byte[0]);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("ETag")).isEqualTo(tag);
        assertThat(head.body()).isEmpty();
        client.get(BUILDS + "/0", "If-None-Match", "*").problem(404, "not-found");
    }

    @Test
    void a_wait_comes_before_the_comparison() {
        String id = client.submit(
                new TestForm().field("image", "waited").source(TestSource.running("RUN /bin/busybox sleep 2")));
        String early = client.get(path(id)).header("ETag");

        Answer ended = client.get(path(id), "If-None-Match", early, "Prefer", "wait=60");
        Answer again = client.get(path(id), "If-None-Match", ended.header("ETag"), "Prefer", "wait=60");

        assertThat(ended.json(200).getString("status")).isEqualTo("SUCCEEDED");
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.header("Preference-Applied")).isEqualTo("wait=60");
        assertThat(again.header("ETag")).isEqualTo(ended.header("ETag"));
    }
}
