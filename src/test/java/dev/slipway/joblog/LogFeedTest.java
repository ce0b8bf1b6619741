package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogFeedTest {
    private final List<UniEmitter<? super LogPage>> reads = new ArrayList<>();
    private final List<LogPage> seen = new ArrayList<>();
    private final LogFeed feed = new LogFeed(after -> Uni.createFrom().emitter(reads::add));

    private void look(long after) {
        feed.page(after).subscribe().with(seen::add);
    }

    @Test
    void followers_at_the_same_line_share_one_read() {
        look(7);
        look(7);
        look(8);
        assertThat(reads).hasSize(2);
        reads.getFirst().complete(LogPage.EMPTY);
        assertThat(seen).hasSize(2);
        look(7);
        assertThat(reads).as("nothing can be new before the feed wakes").hasSize(2);
    }

    @Test
    void a_read_that_began_before_the_feed_woke_is_not_shared() {
        look(7);
        feed.wake();
        look(7);
        assertThat(reads).hasSize(2);
    }

    @Test
    void a_failed_read_is_tried_again() {
        feed.page(7).subscribe().with(seen::add, failure -> {});
        reads.getFirst().fail(new IllegalStateException("away"));
        look(7);
        assertThat(reads).hasSize(2);
    }

    @Test
    void a_change_that_comes_while_reading_is_not_missed() {
        var change = feed.change();
        look(7);
        feed.wake();
        assertThat(change).isDone();
        assertThat(feed.change()).isNotDone();
    }
}
