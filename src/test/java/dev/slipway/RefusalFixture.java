package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What tests of refused requests begin and end with: there are neither more rows nor more files than before. */
public abstract class RefusalFixture extends ApiFixture {
    private long builds;
    private Set<String> sources;

    @BeforeEach
    void look() throws IOException {
        builds = data.builds();
        sources = data.sources();
    }

    @AfterEach
    void nothing_is_left() {
        // what an earlier test's deleted build had may go meanwhile
        await().untilAsserted(() -> assertThat(sources).containsAll(data.sources()));
        assertThat(data.builds()).isEqualTo(builds);
    }
}
