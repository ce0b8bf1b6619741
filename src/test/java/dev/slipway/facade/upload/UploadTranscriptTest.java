package dev.slipway.facade.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestRegistry;
import dev.slipway.Transcript;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wire format A as its clients see it. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class UploadTranscriptTest {
    @TestHTTPResource
    URI url;

    TestRegistry registry;

    private Map<String, String> replay(String name) {
        return Transcript.of("facade/upload/" + name)
                .with("registry", registry.host())
                .replay(new TestClient(url));
    }

    @Test
    void success() throws Exception {
        String digest = replay("success.http").get("digest");

        assertThat(registry.digest("demo/golden-upload", "v1")).isEqualTo(digest);
        assertThat(registry.digest("demo/golden-upload", "latest")).isEqualTo(digest);
    }

    @Test
    void failure() {
        replay("failure.http");
    }
}
