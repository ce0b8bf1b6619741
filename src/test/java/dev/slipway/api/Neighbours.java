package dev.slipway.api;

import static dev.slipway.TestClient.errorType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Gate;
import dev.slipway.Processes;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Two builds side by side, of which one goes too far and the other must not suffer for it. */
abstract class Neighbours extends ApiFixture {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Runs the instructions as a build of their own while another one waits in the other slot; the first one's error. */
    JsonObject fails(String name, String instructions) throws IOException {
        try (Gate gate = new Gate()) {
            String neighbour = client.submit(new TestForm()
                    .field("image", name + "-neighbour")
                    .source(TestSource.running("RUN " + gate.pass(name)
                            + "; for i in 1 2 3; do echo $i | /bin/busybox cat; done; echo the neighbour ran")));
            gate.awaitArrivals(1);
            String id = client.submit(new TestForm()
                    .field("image", name)
                    .field("timeout", "PT50S")
                    .source(TestSource.running(instructions)));
            JsonObject build = client.ended(id, "FAILED");
            gate.open();

            client.ended(neighbour, "SUCCEEDED");
            assertThat(client.log(neighbour)).contains("the neighbour ran\n");
            assertThat(build.getInteger("attempt")).isEqualTo(1);
            assertThat(build.getJsonObject("error").getString("step")).isEqualTo("BUILD");
            assertNothingIsLeft(id);
            return build;
        }
    }

    private void assertNothingIsLeft(String id) {
        data.awaitEmptyWork();
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(Processes.kill(id)).as("processes that name the build").isZero();
            assertThat(containers()).as("containers in the slots' stores").isEmpty();
        });
    }

    private List<String> containers() throws IOException {
        try (Stream<Path> slots = Files.list(data.directory().resolve("slots"))) {
            return slots.map(slot -> slot.resolve("storage/overlay-containers/containers.json"))
                    .filter(Files::exists)
                    .map(Neighbours::text)
                    .filter(text -> !text.equals("[]"))
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return e.toString();
        }
    }

    static void assertSays(JsonObject build, String type, String detail) {
        assertThat(errorType(build)).as(build.encodePrettily()).isEqualTo("/problems/" + type);
        assertThat(build.getJsonObject("error").getString("detail"))
                .startsWith("tried to build the image but " + detail);
    }
}
