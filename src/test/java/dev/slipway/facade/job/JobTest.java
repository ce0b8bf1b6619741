package dev.slipway.facade.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestData;
import dev.slipway.TestRegistry;
import dev.slipway.TestSite;
import dev.slipway.TestSource;
import dev.slipway.Transcript;
import dev.slipway.build.Build;
import dev.slipway.build.BuildStatus;
import dev.slipway.build.Step;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Wire format C, as its clients see it and state by state. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class JobTest {
    @TestHTTPResource
    URI url;

    @Inject
    TestData data;

    TestRegistry registry;
    TestSite site;

    private Map<String, String> replay(String name) {
        return Transcript.of("facade/job/" + name)
                .with("registry", registry.host())
                .with("site", site.host())
                .replay(new TestClient(url));
    }

    @Test
    void a_dockerfile_is_built_and_pushed() throws Exception {
        replay("dockerfile.http");

        assertThat(registry.digest("demo/golden-c", "v1")).startsWith("sha256:");
        assertThat(registry.digest("demo/golden-c", "v2")).startsWith("sha256:");
        assertThat(registry.digest("elsewhere/golden-c", "latest")).startsWith("sha256:");
    }

    @Test
    void an_archive_is_built_and_pushed() throws Exception {
        replay("archive.http");

        assertThat(registry.digest("demo/golden-c-archive", "v1"))
                .isEqualTo(registry.digest("demo/golden-c-archive", "v2"));
    }

    @Test
    void what_is_elsewhere_is_fetched_built_and_pushed() throws Exception {
        site.content("/golden/source.tar.gz", TestSource.holding("golden").tgz());
        site.content(
                "/golden/ship/archive/refs/tags/release/1.0.tar.gz",
                new TestSource()
                        .file("ship-release-1.0/Dockerfile", "FROM scratch\nCOPY text /\n")
                        .file("ship-release-1.0/text", "golden")
                        .tgz());

        replay("url.http");

        assertThat(registry.digest("demo/golden-c-url", "v2")).startsWith("sha256:");
        assertThat(registry.digest("demo/golden-c-tag", "v1")).startsWith("sha256:");
    }

    @Test
    void a_failure_has_its_reason_in_the_status() {
        replay("failed.http");
    }

    @Test
    void what_is_refused_leaves_nothing() throws IOException {
        long builds = data.builds();
        Set<String> sources = data.sources();

        replay("refused.http");

        assertThat(data.builds()).isEqualTo(builds);
        await().untilAsserted(() -> assertThat(data.sources()).isEqualTo(sources));
    }

    @ParameterizedTest
    @CsvSource({
        "QUEUED,, Building",
        "RUNNING,, Building",
        "RUNNING, FETCH, Building",
        "RUNNING, UNPACK, Building",
        "RUNNING, PULL, Building",
        "RUNNING, BUILD, Building",
        "RUNNING, TAG, Pushing",
        "RUNNING, LOGIN, Pushing",
        "RUNNING, PUSH, Pushing",
        "SUCCEEDED, PUSH, Finished",
        "FAILED, BUILD, Failed: the reason",
        "CANCELLED, BUILD, Failed: cancelled"
    })
    void each_state_has_its_status(BuildStatus status, Step step, String expected) {
        Build build = new Build();
        build.status = status;
        build.step = step;
        build.errorDetail = "the reason";

        assertThat(JobResource.status(build)).isEqualTo(expected);
    }
}
