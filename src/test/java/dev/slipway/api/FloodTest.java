package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.EventStream;
import dev.slipway.EventStream.Event;
import dev.slipway.Everything;
import dev.slipway.TestClient;
import dev.slipway.TestData;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import dev.slipway.joblog.JobLogConfig;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A build that prints as fast as it can. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class FloodTest {
    @TestHTTPResource
    URI url;

    @Inject
    TestData data;

    @Inject
    JobLogConfig config;

    @Test
    void a_flood_stays_within_its_cap_and_the_service_goes_on_answering() {
        TestClient client = new TestClient(url);
        String id = client.submit(new TestForm()
                .field("image", "flood")
                .source(TestSource.running(
                        "RUN /bin/busybox yes a line that means nothing | /bin/busybox head -c 200000000;"
                                + " echo; echo the last line")));
        int answers = 0;
        try (EventStream events = new EventStream(url.resolve(BUILDS + "/" + id + "/logs"))) {
            Event event = events.next().orElseThrow();
            for (int i = 0; !event.name().equals("end"); i++) {
                if (i % 20_000 == 0) {
                    assertThat(client.build(id).getString("id")).isEqualTo(id);
                    answers++;
                }
                event = events.next().orElseThrow();
            }
            assertThat(event.json().getString("status")).isEqualTo("SUCCEEDED");
        }
        assertThat(answers).isPositive();
        long stored = data.row("select sum(bytes)::bigint from build_log where build_id = $1", UUID.fromString(id))
                .getLong(0);
        long cap = config.maxBytes().asLongValue();
        assertThat(stored).as("the flood was one").isGreaterThan(cap / 2);
        assertThat(stored).isLessThan(cap + cap / 8);
        assertThat(client.log(id).lines()).contains("the last line").anyMatch(line -> line.contains("lines left out"));
    }
}
