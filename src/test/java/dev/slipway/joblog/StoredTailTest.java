package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.joblog.LineCodec.Heading;
import dev.slipway.joblog.LogRepository.Cut;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StoredTailTest {
    private final StoredTail tail = new StoredTail(1000);

    private static LineBlock block(boolean ofTail, int bytes) {
        var block = new LineBlock(ofTail);
        var heading = new Heading(Instant.EPOCH, LogLine.Stream.STDOUT, "BUILD");
        int around = heading.encoded().length + 1;
        block.add(heading, new byte[bytes], 0, bytes - around);
        return block;
    }

    private Cut store(LineBlock block, long lastN) {
        Cut cut = tail.cutFor(block);
        tail.stored(block, cut, lastN);
        return cut;
    }

    @Test
    void the_oldest_rows_go_when_the_budget_is_used_up() {
        assertThat(store(block(false, 5000), 10)).isEqualTo(Cut.NOTHING);
        assertThat(store(block(true, 400), 20)).isEqualTo(Cut.NOTHING);
        assertThat(store(block(true, 400), 30)).isEqualTo(Cut.NOTHING);
        assertThat(store(block(true, 400), 40)).isEqualTo(new Cut(10, 20));
        assertThat(store(block(true, 900), 50)).isEqualTo(new Cut(10, 40));
        assertThat(store(block(true, 100), 60)).isEqualTo(Cut.NOTHING);
    }

    @Test
    void a_hole_takes_what_is_before_it_along() {
        store(block(false, 5000), 10);
        store(block(true, 100), 20);
        store(block(true, 100), 30);
        LineBlock later = block(true, 100);
        later.skip(5);
        assertThat(store(later, 45)).isEqualTo(new Cut(10, 30));
    }
}
