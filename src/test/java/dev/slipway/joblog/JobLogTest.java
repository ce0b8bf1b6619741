package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.QueueOnly;
import dev.slipway.joblog.LogLine.Stream;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class JobLogTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject
    JobLog log;

    @Inject
    LogFeeds feeds;

    @Inject
    BuildRows builds;

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

    private List<String> texts(UUID build) {
        return stored(build).stream().map(LogLine::text).toList();
    }

    @Test
    void what_is_written_is_read_back_with_step_stream_and_number() {
        UUID build = builds.running();
        try (JobLogWriter writer = log.open(build, 1)) {
            writer.say("UNPACK", "two\nremarks");
            print(writer, "out\0\r\nno newline");
            byte[] error = "err\n".getBytes(StandardCharsets.UTF_8);
            writer.write("PUSH", Stream.STDERR, error, error.length);
        }
        List<LogLine> lines = stored(build);
        assertThat(lines)
                .extracting(line ->
                        line.n() + " " + line.step() + " " + line.stream().label() + " " + line.text())
                .containsExactly(
                        "1 UNPACK system two",
                        "2 UNPACK system remarks",
                        "3 BUILD stdout out␀",
                        "4 BUILD stdout no newline",
                        "5 PUSH stderr err");
        assertThat(lines).allMatch(line -> line.attempt() == 1);
        assertThat(lines.getFirst().plain()).isEqualTo("two\n");
    }

    @Test
    void reading_goes_on_behind_any_line() {
        UUID build = builds.running();
        try (JobLogWriter writer = log.open(build, 1)) {
            IntStream.rangeClosed(1, 5000).forEach(i -> print(writer, "line " + i + "\n"));
        }
        for (long after : new long[] {0, 1, 17, 4998, 4999}) {
            List<LogLine> page = log.read(build, after, 10).await().atMost(SOON);
            assertThat(page.getFirst().n()).isEqualTo(after + 1);
            assertThat(page.getFirst().text()).isEqualTo("line " + (after + 1));
            assertThat(page).hasSize((int) Math.min(10, 5000 - after));
        }
        assertThat(log.read(build, 5000, 10).await().atMost(SOON)).isEmpty();
        assertThat(log.read(UUID.randomUUID(), 0, 10).await().atMost(SOON)).isEmpty();
    }

    @Test
    void a_follower_sees_lines_while_they_are_printed() {
        UUID build = builds.running();
        var follower = new Follower(log, build);
        var delays = new ArrayList<Long>();
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int i = 1; i <= 100; i++) {
                int count = i;
                long printed = System.nanoTime();
                print(writer, "line " + i + "\n");
                await().pollInterval(Duration.ofMillis(1))
                        .pollDelay(Duration.ZERO)
                        .atMost(SOON)
                        .until(() -> follower.count() == count);
                delays.add((System.nanoTime() - printed) / 1000);
            }
        }
        Collections.sort(delays);
        System.out.printf("from printing to the follower: median %d µs, p99 %d µs%n", delays.get(50), delays.get(98));
        builds.end(build);
        follower.awaitEnd();
    }

    @Test
    void a_follower_misses_none_of_ten_thousand_lines_and_ends_with_the_build() {
        UUID build = builds.running();
        var follower = new Follower(log, build);
        try (JobLogWriter writer = log.open(build, 1)) {
            IntStream.rangeClosed(1, 10_000).forEach(i -> print(writer, "line " + i + "\n"));
        }
        builds.end(build);
        follower.awaitEnd();
        assertThat(follower.lines())
                .extracting(LogLine::text)
                .isEqualTo(IntStream.rangeClosed(1, 10_000)
                        .mapToObj(i -> "line " + i)
                        .toList());
        assertThat(follower.lines())
                .extracting(LogLine::n)
                .isEqualTo(LongStream.rangeClosed(1, 10_000).boxed().toList());
        await().until(() -> feeds.followed() == 0);
    }

    @Test
    void an_unfinished_line_shows_up_after_a_silence() {
        UUID build = builds.running();
        try (JobLogWriter writer = log.open(build, 1)) {
            print(writer, "Continue? ");
            await().atMost(SOON).until(() -> texts(build).equals(List.of("Continue? ")));
            print(writer, "\nyes\n");
        }
        assertThat(texts(build)).containsExactly("Continue? ", "yes");
    }

    @Test
    void the_tail_of_a_step_is_at_hand_for_its_error() {
        UUID build = builds.running();
        try (JobLogWriter writer = log.open(build, 1)) {
            IntStream.rangeClosed(1, 1000).forEach(i -> print(writer, "line " + i + "\n"));
            print(writer, "make: *** [all] Error 2");
            assertThat(writer.tail("BUILD", 3)).containsExactly("line 999", "line 1000", "make: *** [all] Error 2");
            assertThat(writer.tail("PUSH", 3)).isEmpty();
        }
    }

    @Test
    void an_attempt_that_lost_its_build_writes_nothing_more() {
        UUID build = builds.running();
        try (JobLogWriter stale = log.open(build, 1)) {
            print(stale, "mine\n");
            await().atMost(SOON).until(() -> texts(build).equals(List.of("mine")));
            builds.handBackAndClaim(build);
            try (JobLogWriter next = log.open(build, 2)) {
                print(next, "theirs\n");
            }
            print(stale, "too late\n");
            await().atMost(SOON).until(stale::lost);
            print(stale, "much too late\n");
        }
        List<LogLine> lines = stored(build);
        assertThat(lines).extracting(LogLine::text).containsExactly("mine", "theirs");
        assertThat(lines).extracting(LogLine::attempt).containsExactly(1, 2);
        assertThat(lines).extracting(LogLine::n).containsExactly(1L, 2L);
    }

    @Test
    void an_ended_build_takes_no_lines() {
        UUID build = builds.running();
        builds.end(build);
        try (JobLogWriter writer = log.open(build, 1)) {
            print(writer, "too late\n");
            await().atMost(SOON).until(writer::lost);
        }
        assertThat(stored(build)).isEmpty();
    }

    @Test
    void notes_from_outside_never_collide_with_the_writer() throws InterruptedException {
        UUID build = builds.running();
        var follower = new Follower(log, build);
        var noted = new CountDownLatch(3);
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int t = 0; t < 3; t++) {
                Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 50; i++) {
                        log.note(build, "note").await().atMost(SOON);
                    }
                    noted.countDown();
                });
            }
            while (!noted.await(1, TimeUnit.MILLISECONDS)) {
                print(writer, "line\n");
            }
        }
        builds.end(build);
        follower.awaitEnd();
        List<LogLine> lines = follower.lines();
        assertThat(lines)
                .extracting(LogLine::n)
                .isEqualTo(LongStream.rangeClosed(1, lines.size()).boxed().toList());
        assertThat(lines).isEqualTo(stored(build));
        assertThat(lines.stream().filter(line -> line.text().equals("note"))).hasSize(150);
        assertThat(lines.stream().filter(line -> line.step() == null)).hasSize(150);
    }

    @Test
    void a_note_needs_no_owner_and_an_unknown_build_takes_none() {
        UUID build = builds.queued();
        log.note(build, "worker lost, the build goes back to the queue").await().atMost(SOON);
        log.note(UUID.randomUUID(), "nowhere").await().atMost(SOON);
        assertThat(texts(build)).containsExactly("worker lost, the build goes back to the queue");
    }

    @Test
    void a_stalled_follower_reads_nothing_ahead_and_misses_nothing_afterwards() {
        UUID build = builds.running();
        var follower =
                log.followBatches(build, 0).subscribe().withSubscriber(AssertSubscriber.<List<LogLine>>create(0));
        try (JobLogWriter writer = log.open(build, 1)) {
            IntStream.rangeClosed(1, 50_000).forEach(i -> print(writer, "line " + i + " " + "x".repeat(50) + "\n"));
        }
        assertThat(follower.getItems()).isEmpty();
        follower.request(1);
        await().atMost(SOON).until(() -> !follower.getItems().isEmpty());
        builds.end(build);
        follower.request(Long.MAX_VALUE).awaitCompletion(SOON);
        assertThat(follower.getItems().stream().mapToInt(List::size).sum()).isEqualTo(50_000);
    }

    @Test
    void followers_who_leave_do_not_disturb_the_others() {
        UUID build = builds.running();
        var followers = new ArrayList<Follower>();
        for (int i = 0; i < 20; i++) {
            followers.add(new Follower(log, build));
        }
        try (JobLogWriter writer = log.open(build, 1)) {
            print(writer, "one\n");
            await().atMost(SOON).until(() -> followers.stream().allMatch(f -> f.count() == 1));
            followers.subList(0, 10).forEach(Follower::leave);
            print(writer, "two\n");
        }
        builds.end(build);
        followers.subList(10, 20).forEach(Follower::awaitEnd);
        assertThat(followers.subList(10, 20))
                .allSatisfy(follower -> assertThat(follower.lines()).isEqualTo(stored(build)));
        await().atMost(SOON).until(() -> feeds.followed() == 0);
    }

    @Test
    void a_hundred_followers_cost_the_database_about_what_one_costs() {
        UUID build = builds.running();
        var followers = new ArrayList<Follower>();
        for (int i = 0; i < 100; i++) {
            followers.add(new Follower(log, build));
        }
        long before = builds.pagesRead();
        int lines = 50;
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int i = 1; i <= lines; i++) {
                int count = i;
                print(writer, "line " + i + "\n");
                await().pollInterval(Duration.ofMillis(1)).atMost(SOON).until(() -> followers.stream()
                        .allMatch(f -> f.count() == count));
            }
        }
        builds.end(build);
        followers.forEach(Follower::awaitEnd);
        assertThat(builds.pagesRead() - before).isLessThan(10L * lines);
    }

    @Test
    void followers_go_on_when_the_database_drops_every_connection() {
        UUID build = builds.running();
        var follower = new Follower(log, build);
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int round = 0; round < 5; round++) {
                IntStream.rangeClosed(1, 200).forEach(i -> print(writer, "line\n"));
                builds.dropConnections();
                int count = 200 * (round + 1);
                await().atMost(SOON).until(() -> follower.count() == count);
            }
        }
        builds.end(build);
        follower.awaitEnd();
        assertThat(follower.lines())
                .extracting(LogLine::n)
                .isEqualTo(LongStream.rangeClosed(1, 1000).boxed().toList());
        await().atMost(SOON).until(() -> builds.listeners() == 1);
    }

    @Test
    void a_deleted_build_ends_its_followers() {
        UUID build = builds.running();
        var follower = new Follower(log, build);
        builds.delete(build);
        follower.awaitEnd();
    }
}
