package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelCopiesTest {
    @Test
    void all_of_them_have_run_when_their_owner_has_waited() throws IOException {
        AtomicInteger ran = new AtomicInteger();
        try (ParallelCopies copies = new ParallelCopies()) {
            for (int i = 0; i < 100; i++) {
                copies.start(ran::incrementAndGet);
            }
            copies.await();
            assertThat(ran).hasValue(100);
        }
    }

    @Test
    void one_that_fails_is_told_and_the_others_have_ended_by_then() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        CountDownLatch failed = new CountDownLatch(1);
        ParallelCopies copies = new ParallelCopies();
        copies.start(() -> {
            awaitUninterruptibly(failed);
            ended.incrementAndGet();
        });
        copies.start(() -> {
            failed.countDown();
            throw new IOException("No space left on device");
        });
        assertThatThrownBy(copies::await).isInstanceOf(IOException.class).hasMessageContaining("No space left");
        assertThat(ended).hasValue(1);
        assertThatThrownBy(() -> copies.start(ended::incrementAndGet)).hasMessageContaining("No space left");
        copies.close();
        assertThat(ended).hasValue(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
