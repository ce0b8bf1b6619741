package dev.slipway.joblog;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.EventStream;
import dev.slipway.EventStream.Event;
import dev.slipway.LiveLogs;
import dev.slipway.TestClient;
import dev.slipway.TestData;
import dev.slipway.joblog.LogLine.Stream;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What those who follow a log over HTTP cost, whether they keep up, stall, leave or are many. */
@QuarkusTest
@TestProfile(LiveLogs.class)
@Timeout(120)
class FollowersTest {
    private static final String EVENTS = "text/event-stream";
    /** About 16 MiB of log, and twice that as events: much more than the sockets of the system take. */
    private static final int MANY = 160_000;

    private static final String FILLING = "x".repeat(90);

    @TestHTTPResource
    URI url;

    @Inject
    JobLog log;

    @Inject
    LogFeeds feeds;

    @Inject
    CountingLogRepository repository;

    @Inject
    BuildRows builds;

    @Inject
    TestData data;

    private static String path(UUID build) {
        return BUILDS + "/" + build + "/logs";
    }

    private EventStream follow(UUID build) {
        return new EventStream(url.resolve(path(build)));
    }

    private void print(UUID build, int lines) {
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int i = 1; i <= lines; i += 100) {
                byte[] chunk = (FILLING + "\n").repeat(100).getBytes(StandardCharsets.UTF_8);
                writer.write("BUILD", Stream.STDOUT, chunk, chunk.length);
            }
        }
    }

    private static List<String> ids(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void a_follower_who_stalled_reads_every_line_once_afterwards() throws IOException {
        UUID build = builds.running();
        try (SlowSocket slow = new SlowSocket(url, path(build), EVENTS)) {
            slow.awaitLine("HTTP/1.");
            print(build, MANY);
            builds.end(build);
            List<String> ids = slow.rest("id: ");
            assertThat(ids.removeLast()).isEqualTo(MANY + "-end-1");
            assertThat(ids).isEqualTo(ids(1, MANY));
        }
        await().until(() -> feeds.followed() == 0);
    }

    /** What a stalled follower gets although the log is gone is what was held for it, by the service and the system. */
    @Test
    void little_is_held_for_a_follower_who_stalls() throws IOException {
        UUID build = builds.running();
        try (SlowSocket slow = new SlowSocket(url, path(build), EVENTS);
                EventStream quick = follow(build)) {
            slow.awaitLine("HTTP/1.");
            print(build, MANY);
            builds.end(build);
            List<Event> all = quick.rest();
            assertThat(all).hasSize(MANY + 1);
            data.run("delete from build_log where build_id = $1", build);

            List<String> held = slow.rest("id: ");
            held.removeIf(id -> id.contains("end"));
            assertThat(held).isEqualTo(ids(1, held.size())).hasSizeBetween(1, MANY / 3);
        }
    }

    @Test
    void whoever_leaves_is_followed_no_longer_whether_he_read_or_stalled() throws IOException {
        UUID build = builds.running();
        EventStream reader = follow(build);
        SlowSocket text = new SlowSocket(url, path(build) + "?follow=true", "text/plain");
        SlowSocket stalled = new SlowSocket(url, path(build), EVENTS);
        stalled.awaitLine("HTTP/1.");
        text.awaitLine("HTTP/1.");
        print(build, MANY);
        assertThat(reader.next(1)).isNotEmpty();
        assertThat(feeds.followed()).isEqualTo(1);

        reader.close();
        text.close();
        stalled.close();

        await().until(() -> feeds.followed() == 0);
    }

    @Test
    void a_hundred_followers_cost_the_database_about_what_one_costs() {
        long one = pagesFor(1);
        long hundred = pagesFor(100);
        System.out.printf("pages read of 50 batches: %d for one follower, %d for a hundred%n", one, hundred);
        assertThat(hundred).isLessThan(3 * one);
    }

    /** Each line is seen by all before the next is printed: so no two share a batch, and nobody can catch up in one. */
    private long pagesFor(int count) {
        UUID build = builds.running();
        List<EventStream> followers = new ArrayList<>();
        IntStream.range(0, count).forEach(i -> followers.add(follow(build)));
        long before = repository.pages();
        try (JobLogWriter writer = log.open(build, 1)) {
            for (int i = 1; i <= 50; i++) {
                String id = Integer.toString(i);
                writer.say("BUILD", "line " + i);
                followers.forEach(follower ->
                        assertThat(follower.next().orElseThrow().id()).isEqualTo(id));
            }
        }
        builds.end(build);
        followers.forEach(follower -> assertThat(follower.rest())
                .singleElement()
                .extracting(Event::id)
                .isEqualTo("50-end-1"));
        return repository.pages() - before;
    }

    @Test
    void a_log_that_breaks_off_does_not_look_complete() throws IOException {
        UUID build = builds.running();
        print(build, MANY);
        builds.end(build);
        TestClient client = new TestClient(url);
        try (SlowSocket broken = new SlowSocket(url, path(build), "text/plain", "HTTP/1.1")) {
            broken.awaitLine(FILLING);
            data.run("alter table build_log rename to build_log_away");
            client.get(path(build)).problem(500, "internal");
            assertThat(broken.rest("")).doesNotContain("0");
        } finally {
            data.run("alter table if exists build_log_away rename to build_log");
        }
        try (SlowSocket whole = new SlowSocket(url, path(build), "text/plain", "HTTP/1.1")) {
            assertThat(whole.rest("")).endsWith("0", "");
        }
    }
}
