package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.joblog.LineCodec.Heading;
import dev.slipway.joblog.LogLine.Stream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LineBufferTest {
    private static final Heading BUILD = new Heading(Instant.ofEpochMilli(1000), Stream.STDOUT, "BUILD");
    private static final Heading PUSH = new Heading(Instant.ofEpochMilli(2000), Stream.STDERR, "PUSH");
    private static final int KIB = 1024;

    private static void append(LineBuffer buffer, Heading heading, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        buffer.append(heading, bytes, 0, bytes.length);
    }

    private static List<LineBlock> drain(LineBuffer buffer) throws InterruptedException {
        var blocks = new ArrayList<LineBlock>();
        buffer.close();
        while (!buffer.isDrained()) {
            blocks.add(buffer.take(Duration.ZERO));
        }
        return blocks;
    }

    @Test
    void a_stored_form_reads_back_as_the_same_lines() throws InterruptedException {
        var buffer = new LineBuffer(new LogLimits(64 * KIB, 32 * KIB, 32 * KIB, 64 * KIB * KIB));
        append(buffer, BUILD, "one");
        append(buffer, BUILD, "");
        append(buffer, PUSH, "zwölf 😀");
        append(buffer, new Heading(Instant.ofEpochMilli(3000), Stream.SYSTEM, null), "a note");
        List<LineBlock> blocks = drain(buffer);
        assertThat(blocks).hasSize(1);
        assertThat(LineCodec.decode(blocks.getFirst().text(), 7, 2))
                .containsExactly(
                        new LogLine(7, BUILD.at(), 2, "BUILD", Stream.STDOUT, "one"),
                        new LogLine(8, BUILD.at(), 2, "BUILD", Stream.STDOUT, ""),
                        new LogLine(9, PUSH.at(), 2, "PUSH", Stream.STDERR, "zwölf 😀"),
                        new LogLine(10, Instant.ofEpochMilli(3000), 2, null, Stream.SYSTEM, "a note"));
    }

    @Test
    void the_head_is_kept_and_past_it_the_oldest_go() throws InterruptedException {
        var buffer = new LineBuffer(new LogLimits(64 * KIB, 32 * KIB, 1024 * KIB, 64 * KIB * KIB));
        for (int i = 0; i < 10_000; i++) {
            append(buffer, BUILD, "line " + i + " " + "x".repeat(50));
        }
        List<LineBlock> blocks = drain(buffer);
        long head = blocks.stream()
                .filter(b -> !b.isTail())
                .mapToLong(LineBlock::size)
                .sum();
        long tail = blocks.stream()
                .filter(LineBlock::isTail)
                .mapToLong(LineBlock::size)
                .sum();
        assertThat(head).isBetween(64L * KIB, 65L * KIB);
        assertThat(tail).isBetween(24L * KIB, 33L * KIB);
        assertThat(blocks.stream().filter(b -> b.skipped() > 0)).hasSize(1);
        assertThat(blocks.stream().mapToLong(b -> b.lines() + b.skipped()).sum())
                .isEqualTo(10_000);
        assertThat(blocks.getLast().text()).endsWith("line 9999 " + "x".repeat(50) + "\n");
    }

    @Test
    void a_full_buffer_holds_the_process_back_until_there_is_room() throws InterruptedException {
        var buffer = new LineBuffer(new LogLimits(1024 * KIB, 256 * KIB, 1024, 64 * KIB * KIB));
        append(buffer, BUILD, "x".repeat(2000));
        var through = new AtomicBoolean();
        Thread process = Thread.ofVirtual().start(() -> {
            buffer.awaitRoom(1);
            through.set(true);
        });
        await().until(() -> process.getState() == Thread.State.WAITING);
        assertThat(through).isFalse();
        buffer.take(Duration.ZERO);
        process.join();
        assertThat(through).isTrue();
    }

    @Test
    void closing_lets_everyone_through() throws InterruptedException {
        var buffer = new LineBuffer(new LogLimits(1024 * KIB, 256 * KIB, 1024, 64 * KIB * KIB));
        append(buffer, BUILD, "x".repeat(2000));
        Thread process = Thread.ofVirtual().start(() -> buffer.awaitRoom(1));
        await().until(() -> process.getState() == Thread.State.WAITING);
        buffer.close();
        process.join();
        assertThat(buffer.waiting()).isEqualTo(1);
    }

    @Test
    void the_tail_of_a_step_is_found_whether_it_was_taken_or_not() throws InterruptedException {
        var buffer = new LineBuffer(new LogLimits(1024 * KIB, 256 * KIB, 1024 * KIB, 64 * KIB * KIB));
        append(buffer, BUILD, "one");
        append(buffer, BUILD, "two");
        buffer.take(Duration.ZERO);
        append(buffer, PUSH, "other");
        append(buffer, BUILD, "three");
        append(buffer, new Heading(BUILD.at(), Stream.SYSTEM, "BUILD"), "our remark");
        assertThat(buffer.tail("BUILD", 2)).containsExactly("two", "three");
        assertThat(buffer.tail("BUILD", 10)).containsExactly("one", "two", "three");
        assertThat(buffer.tail("TAG", 10)).isEmpty();
    }
}
