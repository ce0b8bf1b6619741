package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies on a bare Vert.x server, where each test chooses its own limits. */
class BodyStreamTest {
    private static final int MIB = 1 << 20;
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final BufferBudget budget = new BufferBudget(2 * MIB);
    private final BlockingQueue<BodyStream> bodies = new LinkedBlockingQueue<>();
    private BodyLimits limits = new BodyLimits(Long.MAX_VALUE, MIB, LONG, LONG, false);
    private HttpServer server;

    @BeforeEach
    void serve() {
        server = vertx.createHttpServer()
                .requestHandler(request -> bodies.add(BodyStream.open(request, limits, budget)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private RawClient client() throws IOException {
        return new RawClient(server.actualPort());
    }

    private BodyStream opened() throws InterruptedException {
        BodyStream body = bodies.poll(20, TimeUnit.SECONDS);
        assertThat(body).isNotNull();
        return body;
    }

    private static CompletableFuture<Void> sendUntilRefused(RawClient client, byte[] chunk) {
        // a thread each: the common pool has one per core, and these senders block
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        while (true) {
                            client.send(chunk);
                        }
                    } catch (IOException e) {
                        // the test closed the connection
                    }
                },
                Thread::startVirtualThread);
    }

    @Test
    void a_body_that_keeps_coming_ends_at_its_deadline() throws Exception {
        limits = new BodyLimits(Long.MAX_VALUE, MIB, LONG, Duration.ofMillis(400), false);
        RawClient client = client();
        client.head("POST / HTTP/1.1", "Host: x", "Content-Length: 1000000000000");
        CompletableFuture<Void> sending = sendUntilRefused(client, new byte[10]);
        try (BodyStream body = opened()) {
            assertThatThrownBy(() -> body.transferTo(OutputStream.nullOutputStream()))
                    .isInstanceOfSatisfying(
                            SlipwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_TIMEOUT))
                    .hasMessageContaining("had not sent all of it after PT0.4S");
        }
        client.close();
        assertThat(sending).succeedsWithin(LONG);
    }

    @Test
    void bodies_that_are_kept_hold_the_budget_until_they_are_closed_and_then_others_are_refused() throws Exception {
        limits = limits.keptUpTo(4 * MIB);
        try (RawClient first = client();
                RawClient second = client()) {
            first.head("POST / HTTP/1.1", "Host: x", "Content-Length: " + 2 * MIB)
                    .send(new byte[2 * MIB]);
            try (BodyStream body = opened()) {
                assertThat(body.readAllBytes()).hasSize(2 * MIB);
                assertThat(budget.held()).isEqualTo(2 * MIB);

                second.head("POST / HTTP/1.1", "Host: x", "Content-Length: 10").send(new byte[10]);
                try (BodyStream refused = opened()) {
                    assertThatThrownBy(refused::readAllBytes)
                            .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code())
                                    .isEqualTo(ErrorCode.UNAVAILABLE));
                }
            }
        }
        assertThat(budget.held()).isZero();
    }

    @Test
    void many_bodies_together_hold_no_more_than_the_budget_and_a_chunk_or_two_each() throws Exception {
        int count = 10;
        List<RawClient> clients = new ArrayList<>();
        List<BodyStream> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawClient client = client().head("POST / HTTP/1.1", "Host: x", "Content-Length: 1000000000000");
            clients.add(client);
            var unused = sendUntilRefused(client, new byte[MIB]);
            open.add(opened());
        }
        await().atMost(LONG).until(() -> open.stream().allMatch(body -> body.received() > 0));
        await().during(Duration.ofMillis(300))
                .atMost(LONG)
                .until(() -> budget.held() <= 3L * MIB + count * BodyStream.LARGEST_CHUNK);
        assertThat(open).allSatisfy(body -> assertThat(body.peak()).isLessThanOrEqualTo(MIB));
        for (BodyStream body : open) {
            assertThat(body.readNBytes(4 * MIB)).hasSize(4 * MIB); // nobody starves
        }
        for (int i = 0; i < count; i++) {
            open.get(i).close();
            clients.get(i).close();
        }
        await().atMost(LONG).until(() -> budget.held() == 0);
    }

    @Test
    void a_complete_body_counts_though_its_client_is_gone() throws Exception {
        RawClient client = client();
        client.head("POST / HTTP/1.1", "Host: x", "Content-Length: 1000").send(new byte[1000]);
        try (BodyStream body = opened()) {
            await().atMost(LONG).until(() -> body.received() == 1000);
            client.reset();
            assertThat(body.readAllBytes()).hasSize(1000);
        }
    }

    @Test
    void a_client_that_goes_away_is_an_exception_of_its_own() throws Exception {
        RawClient client = client();
        client.head("POST / HTTP/1.1", "Host: x", "Content-Length: 1000").send(new byte[500]);
        try (BodyStream body = opened()) {
            assertThat(body.readNBytes(500)).hasSize(500);
            client.close();
            assertThatThrownBy(body::read)
                    .isInstanceOf(ClientGoneException.class)
                    .hasMessageContaining("500 bytes");
        }
    }

    @Test
    void an_interrupted_reader_stops() throws Exception {
        try (RawClient client = client()) {
            client.head("POST / HTTP/1.1", "Host: x", "Content-Length: 1000");
            try (BodyStream body = opened()) {
                CompletableFuture<Exception> outcome = new CompletableFuture<>();
                Thread reader = Thread.startVirtualThread(() -> {
                    try {
                        body.read();
                    } catch (Exception e) {
                        outcome.complete(e);
                    }
                });
                reader.interrupt();
                assertThat(outcome).succeedsWithin(LONG).isInstanceOf(InterruptedIOException.class);
            }
        }
    }
}
