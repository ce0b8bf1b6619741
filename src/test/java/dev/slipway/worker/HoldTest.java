package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HoldTest {
    private static final Duration FRESH = Duration.ofMinutes(1);

    @Test
    void who_renewed_lately_does_not_wait() throws Exception {
        new Hold(FRESH, System.nanoTime()).await();
    }

    @Test
    void who_was_away_waits_for_a_renewal_that_was_asked_for_lately() throws Exception {
        Hold hold = new Hold(FRESH, longAgo());
        Thread waiting = begin(hold);

        hold.renew(longAgo());
        assertWaits(waiting);
        hold.renew(System.nanoTime());
        waiting.join();
    }

    @Test
    void the_end_of_the_attempt_ends_the_wait() throws Exception {
        Hold hold = new Hold(FRESH, longAgo());
        Thread waiting = begin(hold);
        assertWaits(waiting);

        hold.end();
        waiting.join();
        hold.await();
    }

    private static long longAgo() {
        return System.nanoTime() - FRESH.plusSeconds(1).toNanos();
    }

    private static Thread begin(Hold hold) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Thread waiting = Thread.ofPlatform().start(() -> {
            begun.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        begun.await();
        return waiting;
    }

    private static void assertWaits(Thread waiting) {
        await().until(() -> waiting.getState() == Thread.State.WAITING);
        assertThat(waiting.isAlive()).isTrue();
    }
}
