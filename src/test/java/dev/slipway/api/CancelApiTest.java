package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static dev.slipway.TestClient.errorType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.Processes;
import dev.slipway.TestClient;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cancel, retry and delete, in every state that allows or forbids them. */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(120)
class CancelApiTest extends ApiFixture {
    private static final Duration SOON = Duration.ofSeconds(30);

    private String sleeping(String image, int seconds) {
        return client.submit(new TestForm()
                .field("image", image)
                .source(TestSource.running("RUN /bin/busybox setsid /bin/busybox sleep " + seconds
                        + "1 & /bin/busybox sleep " + seconds)));
    }

    private static void awaitSleep(int seconds) {
        await().atMost(SOON)
                .until(() -> Processes.any("/bin/busybox sleep " + seconds)
                        && Processes.any("/bin/busybox sleep " + seconds + "1"));
    }

    private static String at(String id, String what) {
        return BUILDS + "/" + id + "/" + what;
    }

    @Test
    void a_running_build_is_cancelled_once_its_processes_are_gone() throws Exception {
        String id = sleeping("cancelled", 72001);
        awaitSleep(72001);
        client.send("DELETE", BUILDS + "/" + id, new byte[0]).problem(409, "build-state-conflict");
        client.post(at(id, "retry")).problem(409, "build-state-conflict");

        TestClient.Answer asked = client.post(at(id, "cancel"));
        JsonObject answered = asked.json(202);
        assertThat(answered.getBoolean("cancelRequested") || "CANCELLED".equals(answered.getString("status")))
                .isTrue();
        assertThat(asked.header("Location")).isEqualTo(BUILDS + "/" + id);
        client.post(at(id, "cancel")).json(202);

        JsonObject build = client.ended(id, "CANCELLED");
        assertThat(Processes.any("/bin/busybox sleep 72001")).isFalse();
        assertThat(Processes.any("/bin/busybox sleep 720011")).isFalse();
        assertThat(errorType(build)).isEqualTo("/problems/cancelled");
        assertThat(build.getBoolean("cancelRequested")).isFalse();
        client.post(at(id, "cancel")).json(202);
        data.awaitEmptyWork();
        assertThat(client.send("DELETE", BUILDS + "/" + id, new byte[0]).status())
                .isEqualTo(204);
    }

    @Test
    void a_queued_build_is_cancelled_at_once_and_runs_when_it_is_retried() {
        List<String> busy = IntStream.range(0, Everything.SLOTS)
                .mapToObj(i -> sleeping("busy:" + i, 72100 + i))
                .toList();
        IntStream.range(0, Everything.SLOTS).forEach(i -> awaitSleep(72100 + i));
        String id = client.submit(new TestForm().field("image", "waits").source(TestSource.holding("waits")));
        String deleted = client.submit(new TestForm().field("image", "waits").source(TestSource.holding("waits")));
        assertThat(client.build(id).getInteger("queuePosition")).isEqualTo(1);
        assertThat(client.build(deleted).getInteger("queuePosition")).isEqualTo(2);
        client.post(at(id, "retry")).problem(409, "build-state-conflict");

        JsonObject cancelled = client.post(at(id, "cancel")).json(202);

        assertThat(cancelled.getString("status")).isEqualTo("CANCELLED");
        assertThat(cancelled.getInteger("attempt")).isZero();
        assertThat(client.send("DELETE", BUILDS + "/" + deleted, new byte[0]).status())
                .isEqualTo(204);
        client.get(BUILDS + "/" + deleted).problem(404, "not-found");
        assertThat(Files.exists(data.source(deleted))).isFalse();
        client.post(at(id, "retry")).json(202);
        busy.forEach(running -> client.post(at(running, "cancel")).json(202));
        busy.forEach(running -> client.ended(running, "CANCELLED"));
        assertThat(client.ended(id, "SUCCEEDED").getInteger("attempt")).isEqualTo(1);
    }

    @Test
    void what_succeeded_is_neither_cancelled_nor_retried_but_deleted() {
        String id = client.run(new TestForm().field("image", "done").source(TestSource.holding("done")), "SUCCEEDED")
                .getString("id");

        client.post(at(id, "cancel")).problem(409, "build-state-conflict");
        client.post(at(id, "retry")).problem(409, "build-state-conflict");
        assertThat(Files.exists(data.source(id))).isTrue();

        assertThat(client.send("DELETE", BUILDS + "/" + id, new byte[0]).status())
                .isEqualTo(204);
        client.get(BUILDS + "/" + id).problem(404, "not-found");
        client.get(at(id, "logs")).problem(404, "not-found");
        client.get(at(id, "logs") + "?follow=true").problem(404, "not-found");
        client.post(at(id, "cancel")).problem(404, "not-found");
        client.post(at(id, "retry")).problem(404, "not-found");
        client.send("DELETE", BUILDS + "/" + id, new byte[0]).problem(404, "not-found");
        assertThat(Files.exists(data.source(id))).isFalse();
        data.awaitEmptyWork();
    }

    @Test
    void a_build_whose_source_is_gone_cannot_be_retried() throws Exception {
        String id = client.run(new TestForm().field("image", "gone").source(TestSource.running("RUN exit 1")), "FAILED")
                .getString("id");
        Files.delete(data.source(id).resolve("source"));

        client.post(at(id, "retry")).problem(410, "source-gone");
    }
}
