package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Connections on which no request comes. */
@QuarkusTest
@TestProfile(ShortLimits.class)
class ConnectionsTest {
    private static final String HEAD =
            "POST /test-http/count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    @TestHTTPResource
    URI url;

    @Test
    void they_are_closed_at_the_deadline_and_those_with_a_request_are_not() throws Exception {
        try (RawClient first = new RawClient(url.getPort())) {
            assertThat(first.send(HEAD + "0\r\n\r\n").answer().status()).isEqualTo(200);
            // from here on the deadlines of all others are known
            List<CompletableFuture<Boolean>> cutOff =
                    List.of(async(this::says_nothing), async(this::drips_its_head), async(this::came_to_stay));
            CompletableFuture<Boolean> slow = async(this::is_slow_but_has_a_request);

            assertThat(cutOff).allSatisfy(each -> assertThat(each)
                    .succeedsWithin(Duration.ofSeconds(20))
                    .isEqualTo(true));
            assertThat(slow).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(true);
            assertThat(first.isClosedByServer()).isTrue();
        }
    }

    private boolean says_nothing() throws IOException {
        try (RawClient client = new RawClient(url.getPort())) {
            return client.isClosedByServer();
        }
    }

    /** A byte now and then keeps no connection open. */
    private boolean drips_its_head() throws IOException {
        try (RawClient client = new RawClient(url.getPort())) {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
            while (System.nanoTime() < until) {
                client.send("x");
                pause();
            }
            return false;
        } catch (IOException e) {
            return true; // it was cut off under the sender
        }
    }

    private boolean came_to_stay() throws IOException {
        try (RawClient client = new RawClient(url.getPort())) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(HEAD + "0\r\n\r\n").answer().status()).isEqualTo(200);
            }
            return client.isClosedByServer();
        }
    }

    /** Its body takes longer than a head may, but not longer than bodies may. */
    private boolean is_slow_but_has_a_request() throws IOException {
        try (RawClient client = new RawClient(url.getPort())) {
            client.send(HEAD);
            for (int i = 0; i < 14; i++) {
                client.send("1\r\nx\r\n");
                pause();
            }
            return client.send("0\r\n\r\n").answer().body().equals("14");
        }
    }

    private static void pause() {
        Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> true);
    }

    private interface Client {
        boolean run() throws IOException;
    }

    private static CompletableFuture<Boolean> async(Client client) {
        CompletableFuture<Boolean> outcome = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                outcome.complete(client.run());
            } catch (Exception | AssertionError e) {
                outcome.completeExceptionally(e);
            }
        });
        return outcome;
    }
}
