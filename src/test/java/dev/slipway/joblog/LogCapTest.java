package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.QueueOnly;
import dev.slipway.joblog.LogLine.Stream;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class LogCapTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int KIB = 1024;

    private record Config(
            MemorySize maxBytes,
            MemorySize bufferBytes,
            MemorySize floodRate,
            Duration flushInterval,
            Duration partialAfter,
            Duration pollInterval,
            Duration closeTimeout)
            implements JobLogConfig {}

    @Inject
    LogRepository repository;

    @Inject
    LogFeeds feeds;

    @Inject
    BuildRows builds;

    private JobLog log;

    private static MemorySize kib(long amount) {
        return new MemorySize(BigInteger.valueOf(amount * KIB));
    }

    @BeforeEach
    void small() {
        log = logOf(128);
    }

    private JobLog logOf(long maxKib) {
        return new JobLog(
                repository,
                feeds,
                new Config(
                        kib(maxKib),
                        kib(4096),
                        kib(64 * KIB),
                        Duration.ofMillis(25),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2)));
    }

    private static void print(JobLogWriter writer, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writer.write("BUILD", Stream.STDOUT, bytes, bytes.length);
    }

    private List<LogLine> stored(UUID build) {
        return log.readAll(build, 0)
                .onItem()
                .<LogLine>disjoint()
                .collect()
                .asList()
                .await()
                .atMost(SOON);
    }

    @Test
    void below_the_cap_nothing_is_left_out() {
        UUID build = builds.running();
        try (JobLogWriter writer = log.open(build, 1)) {
            LongStream.rangeClosed(1, 1000).forEach(i -> print(writer, "line " + i + " " + "x".repeat(90) + "\n"));
        }
        assertThat(stored(build)).hasSize(1000).noneMatch(line -> line.stream() == Stream.SYSTEM);
    }

    @Test
    void a_flood_leaves_head_and_tail_with_one_marker_between() {
        UUID build = builds.running();
        int total = 500_000;
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int i = 1; i <= total; i += 100) {
                var chunk = new StringBuilder();
                for (int j = i; j < i + 100; j++) {
                    chunk.append("line ").append(j).append('\n');
                }
                print(writer, chunk.toString());
            }
        }
        assertCapped(stored(build), total);
        assertThat(builds.bytesStored(build)).isBetween(100L * KIB, 136L * KIB);
        long marker = marker(stored(build)).n();
        assertThat(log.read(build, marker, 1).await().atMost(SOON))
                .as("reading goes on behind the marker")
                .first()
                .extracting(LogLine::text)
                .isEqualTo("line " + (marker + 1));
    }

    @Test
    void past_the_cap_a_follower_still_sees_every_line() {
        UUID build = builds.running();
        var follower = new Follower(log, build);
        int total = 100;
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int i = 1; i <= total; i++) {
                int count = i;
                print(writer, "line " + i + " " + "x".repeat(4000) + "\n");
                await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> follower.count() == count);
            }
        }
        builds.end(build);
        follower.awaitEnd();
        assertThat(follower.lines()).hasSize(total).noneMatch(line -> line.stream() == Stream.SYSTEM);
        assertCapped(stored(build), total);
    }

    private static LogLine marker(List<LogLine> lines) {
        List<LogLine> markers =
                lines.stream().filter(line -> line.stream() == Stream.SYSTEM).toList();
        assertThat(markers).hasSize(1);
        return markers.getFirst();
    }

    /** Lines are printed as "line i"; every one is there at its number, or counted in the marker. */
    private static void assertCapped(List<LogLine> lines, int total) {
        LogLine marker = marker(lines);
        assertThat(lines)
                .allMatch(
                        line -> line.equals(marker) || line.text().split(" ")[1].equals("" + line.n()));
        int at = lines.indexOf(marker);
        assertThat(lines.subList(0, at))
                .extracting(LogLine::n)
                .isEqualTo(LongStream.rangeClosed(1, at).boxed().toList());
        assertThat(lines.subList(at + 1, lines.size()))
                .extracting(LogLine::n)
                .isEqualTo(LongStream.rangeClosed(marker.n() + 1, total).boxed().toList());
        String left = String.format(Locale.ROOT, "%,d", marker.n() - at);
        assertThat(marker.text())
                .isEqualTo("… " + left + " lines left out: a log keeps its first 96 KiB and last 32 KiB,"
                        + " an old one its last lines …");
    }

    @Test
    void the_next_attempt_has_a_cap_of_its_own() {
        UUID build = builds.running();
        String chunk = ("x".repeat(99) + "\n").repeat(4000);
        try (JobLogWriter writer = log.open(build, 1)) {
            print(writer, chunk);
        }
        long first = stored(build).size();
        builds.handBackAndClaim(build);
        try (JobLogWriter writer = log.open(build, 2)) {
            print(writer, chunk);
        }
        List<LogLine> lines = stored(build);
        assertThat(lines.stream().filter(line -> line.attempt() == 1)).hasSize((int) first);
        assertThat(lines.stream().filter(line -> line.stream() == Stream.SYSTEM))
                .hasSize(2);
        assertThat(lines.getLast().n()).isEqualTo(8000);
        assertThat(lines.getLast().attempt()).isEqualTo(2);
    }

    @Test
    void a_flood_is_slowed_down_and_does_not_fill_the_database() {
        UUID build = builds.running();
        log = logOf(32 * KIB);
        byte[] chunk =
                "0123456789abcdefghijklmnopqrstuvwxyz 0123456789\n".repeat(1300).getBytes(StandardCharsets.UTF_8);
        long printed = 0;
        long began = System.nanoTime();
        try (JobLogWriter writer = log.open(build, 1)) {
            while (printed < 192L * KIB * KIB) {
                writer.write("BUILD", Stream.STDOUT, chunk, chunk.length);
                printed += chunk.length;
            }
            System.out.printf("a flood of %d MiB took %d ms", printed >> 20, (System.nanoTime() - began) / 1_000_000);
        }
        System.out.printf(", %d ms with its end stored%n", (System.nanoTime() - began) / 1_000_000);
        assertThat(builds.bytesStored(build)).isBetween(31L * KIB * KIB, 33L * KIB * KIB);
    }

    @Test
    void a_writer_that_cannot_store_gives_up_at_its_deadline() {
        UUID build = builds.running();
        long began = System.nanoTime();
        builds.whileLocked(build, () -> {
            try (JobLogWriter writer = log.open(build, 1)) {
                print(writer, "held up\n");
            }
        });
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(9));
    }
}
