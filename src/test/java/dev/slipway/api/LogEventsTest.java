package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.EventStream;
import dev.slipway.EventStream.Event;
import dev.slipway.LiveLogs;
import dev.slipway.TestClient;
import dev.slipway.joblog.BuildRows;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.JobLogWriter;
import dev.slipway.joblog.LogLine;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A log as events, while it is written. */
@QuarkusTest
@TestProfile(LiveLogs.class)
@Timeout(60)
class LogEventsTest {
    @TestHTTPResource
    URI url;

    @Inject
    JobLog log;

    @Inject
    BuildRows builds;

    private UUID build;

    @BeforeEach
    void begin() {
        build = builds.running();
    }

    private EventStream events(String... headers) {
        return new EventStream(url.resolve(BUILDS + "/" + build + "/logs"), headers);
    }

    private static void print(JobLogWriter writer, int from, int to) {
        for (int i = from; i <= to; i++) {
            byte[] line = ("line " + i + "\n").getBytes(StandardCharsets.UTF_8);
            writer.write("BUILD", LogLine.Stream.STDOUT, line, line.length);
        }
    }

    private static List<String> ids(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void whoever_is_cut_off_and_comes_back_gets_every_line_once() {
        List<Event> seen = new ArrayList<>();
        try (JobLogWriter writer = log.open(build, 1)) {
            print(writer, 1, 1000);
            try (EventStream first = events()) {
                seen.addAll(first.next(317));
            }
            print(writer, 1001, 2000);
            try (EventStream second = events("Last-Event-ID", seen.getLast().id())) {
                seen.addAll(second.next(1200));
                print(writer, 2001, 3000);
            }
        }
        try (EventStream third = events("Last-Event-ID", seen.getLast().id())) {
            seen.addAll(third.next(3000 - seen.size()));
            builds.end(build);
            seen.addAll(third.rest());
        }
        Event end = seen.removeLast();
        assertThat(end.id()).isEqualTo("3000-end-1");
        assertThat(end.json()).isEqualTo(new TestClient(url).build(build.toString()));
        assertThat(seen).extracting(Event::id).isEqualTo(ids(1, 3000));
        assertThat(seen)
                .allSatisfy(event -> assertThat(event.json().getString("text")).isEqualTo("line " + event.id()));
    }

    @Test
    void after_a_retry_numbers_run_on_and_the_end_is_another() {
        try (JobLogWriter writer = log.open(build, 1)) {
            print(writer, 1, 2);
        }
        builds.fail(build);
        try (EventStream first = events()) {
            assertThat(first.rest()).extracting(Event::id).containsExactly("1", "2", "2-end-1");
        }
        builds.retry(build);
        try (EventStream second = events("Last-Event-ID", "2-end-1")) {
            builds.claim(build);
            try (JobLogWriter writer = log.open(build, 2)) {
                print(writer, 3, 4);
            }
            builds.end(build);
            List<Event> rest = second.rest();
            assertThat(rest).extracting(Event::id).containsExactly("3", "4", "4-end-2");
            assertThat(rest.getFirst().json().getInteger("attempt")).isEqualTo(2);
            assertThat(rest.getLast().json().getString("status")).isEqualTo("SUCCEEDED");
        }
        try (EventStream late = events("Last-Event-ID", "2-end-1")) {
            assertThat(late.rest()).extracting(Event::id).containsExactly("3", "4", "4-end-2");
        }
        try (EventStream done = events("Last-Event-ID", "4-end-2")) {
            assertThat(done.status()).isEqualTo(204);
        }
    }

    @Test
    void a_build_that_is_retried_while_its_followers_learn_of_its_end_ends_rightly_for_each() {
        int rounds = 40;
        List<EventStream> followers = new ArrayList<>();
        for (int attempt = 1; attempt <= rounds; attempt++) {
            followers.add(events());
            try (JobLogWriter writer = log.open(build, attempt)) {
                print(writer, attempt, attempt);
            }
            builds.fail(build);
            if (attempt < rounds) {
                builds.retry(build);
                builds.claim(build);
            }
        }
        followers.forEach(LogEventsTest::assertEndedRightly);
        followers.forEach(EventStream::close);
    }

    /** One line an attempt: whichever end it learned of, the number of the line, the attempt and the build must fit. */
    private static void assertEndedRightly(EventStream follower) {
        List<Event> seen = follower.rest();
        Event end = seen.removeLast();
        assertThat(seen).extracting(Event::id).isEqualTo(ids(1, seen.size()));
        assertThat(end.id()).isEqualTo(seen.size() + "-end-" + seen.size());
        assertThat(end.json().getString("status")).isEqualTo("FAILED");
        assertThat(end.json().getInteger("attempt")).isEqualTo(seen.size());
    }

    @Test
    void a_silent_build_shows_signs_of_life_before_its_first_line() throws IOException {
        try (EventStream events = events()) {
            assertThat(events.header("Content-Type")).isEqualTo("text/event-stream");
            events.awaitComment();
            events.awaitComment();
            try (JobLogWriter writer = log.open(build, 1)) {
                print(writer, 1, 1);
            }
            assertThat(events.next().orElseThrow().id()).isEqualTo("1");
            events.awaitComment();
            builds.end(build);
            assertThat(events.rest()).extracting(Event::id).containsExactly("1-end-1");
        }
    }

    @Test
    void a_deleted_build_has_no_end_event() {
        try (EventStream events = events()) {
            builds.delete(build);
            assertThat(events.rest()).isEmpty();
        }
        try (EventStream gone = events()) {
            assertThat(gone.status()).isEqualTo(404);
        }
    }

    @Test
    void behind_the_end_of_a_log_that_grows_lines_come_when_their_number_does() {
        try (EventStream events = events("Last-Event-ID", "3");
                JobLogWriter writer = log.open(build, 1)) {
            print(writer, 1, 5);
            assertThat(events.next(2)).extracting(Event::id).containsExactly("4", "5");
        }
    }
}
