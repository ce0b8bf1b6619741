package dev.slipway;

import static dev.slipway.TestSite.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a download when the service ends in the middle of it, orderly or not. */
@Timeout(240)
class FetchLossIT {
    private static final byte[] TAR = TestSource.holding("fetched").tar();
    private static final String PAGE = "/source.tar";

    private final TestRegistry registry = new TestRegistry();
    private final TestSite site = new TestSite();
    private final CompletableFuture<Void> halfSent = new CompletableFuture<>();
    private final CompletableFuture<Void> hungUp = new CompletableFuture<>();
    private Path directory;
    private ServiceProcess service;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        Map<String, String> settings = new TreeMap<>(registry.start());
        settings.putAll(site.start());
        settings.put("slipway.worker.slots", "1");
        settings.put("slipway.worker.shutdown-grace", "PT1S");
        service = new ServiceProcess(directory, settings);
        site.page(PAGE, (request, out) -> {
            out.write(head(200, "Content-Length: " + TAR.length));
            out.write(TAR, 0, 1024);
            out.flush();
            halfSent.complete(null);
            request.awaitHangUp();
            hungUp.complete(null);
        });
    }

    @AfterEach
    void nothing_is_left() {
        service.close();
        site.close();
        registry.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    private String beginFetch() throws IOException {
        service.start().awaitReady();
        String id = client().submit(new TestForm().field("image", "fetched").field("tar_url", site.url(PAGE)));
        halfSent.join();
        await().until(() -> !incoming().isEmpty());
        return id;
    }

    private TestClient client() {
        return new TestClient(URI.create(service.url()));
    }

    private void endsInTheNextLife(String id) throws IOException {
        hungUp.join();
        site.content(PAGE, TAR);
        service.start().awaitReady();

        JsonObject build = client().ended(id, "SUCCEEDED");

        assertThat(build.getInteger("attempt")).isEqualTo(2);
        assertThat(TestClient.steps(build, 1)).containsExactly("FETCH");
        assertThat(TestClient.steps(build, 2)).startsWith("FETCH", "UNPACK");
        assertThat(site.requests(PAGE)).hasSize(2);
        assertThat(service.data().resolve("sources/" + id + "/source")).hasBinaryContent(TAR);
        await().untilAsserted(() -> assertThat(incoming()).isEmpty());
    }

    /** The files of sources that are arriving. */
    private List<Path> incoming() throws IOException {
        try (Stream<Path> all = Files.walk(service.data().resolve("sources/.incoming"))) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".lock"))
                    .toList();
        }
    }

    @Test
    void a_restart_hands_the_build_back_and_it_is_fetched_again() throws Exception {
        String id = beginFetch();

        assertThat(service.terminate()).isEqualTo(143);

        assertThat(service.said())
                .contains("goes back to the queue: the service shuts down")
                .doesNotContain(" ERROR ");
        assertThat(incoming()).isEmpty();
        endsInTheNextLife(id);
    }

    @Test
    void kill_9_leaves_no_half_of_a_source_behind_the_next_start() throws Exception {
        String id = beginFetch();

        service.kill();

        endsInTheNextLife(id);
    }
}
