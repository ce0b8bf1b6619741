package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.EventStream;
import dev.slipway.LiveLogs;
import dev.slipway.TestClient;
import dev.slipway.TestClient.Answer;
import dev.slipway.joblog.BuildRows;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.JobLogWriter;
import dev.slipway.joblog.LogLine;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The three forms of a log, whole. */
@QuarkusTest
@TestProfile(LiveLogs.class)
@Timeout(60)
class LogFormatsTest {
    private static final String EVENTS = "text/event-stream";
    private static final String NDJSON = "application/x-ndjson";

    @TestHTTPResource
    URI url;

    @Inject
    JobLog log;

    @Inject
    BuildRows builds;

    private TestClient client;
    private UUID build;
    private String logs;

    /** Three lines of an attempt that failed. */
    @BeforeEach
    void print() {
        client = new TestClient(url);
        build = builds.running();
        logs = BUILDS + "/" + build + "/logs";
        try (JobLogWriter writer = log.open(build, 1)) {
            writer.say("UNPACK", "a \"remark\"");
            byte[] error = "\u001b[31mrot\u001b[0m\tümlaut \u2028\n".getBytes(StandardCharsets.UTF_8);
            writer.write("BUILD", LogLine.Stream.STDERR, error, error.length);
        }
        log.note(build, "from outside").await().indefinitely();
        builds.fail(build);
    }

    private static String withoutTimes(String json) {
        Instant.parse(json.replaceFirst("(?s).*?\"at\":\"([^\"]*)\".*", "$1"));
        return json.replaceAll("\"at\":\"[^\"]*\"", "\"at\":\"…\"");
    }

    private static String line(int n, String step, String stream, String text) {
        return "{\"n\":" + n + ",\"at\":\"…\",\"attempt\":1,\"step\":" + step + ",\"stream\":\"" + stream
                + "\",\"text\":\"" + text + "\"}";
    }

    private static final List<String> LINES = List.of(
            line(1, "\"UNPACK\"", "system", "a \\\"remark\\\""),
            line(2, "\"BUILD\"", "stderr", "\\u001B[31mrot\\u001B[0m\\tümlaut \u2028"),
            line(3, "null", "system", "from outside"));

    @Test
    void as_text_it_is_what_was_printed() {
        Answer answer = client.get(logs);
        assertThat(answer.header("Content-Type")).isEqualTo("text/plain;charset=UTF-8");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(answer.header("Vary")).isEqualToIgnoringCase("Accept");
        assertThat(answer.body())
                .isEqualTo("a \"remark\"\n\u001b[31mrot\u001b[0m\tümlaut \u2028\nfrom outside\n")
                .isEqualTo(client.get(logs + "?follow=true", "Accept", "*/*").body());
    }

    @Test
    void as_ndjson_each_line_is_an_object() {
        Answer answer = client.get(logs, "Accept", NDJSON);
        assertThat(answer.header("Content-Type")).isEqualTo(NDJSON);
        assertThat(withoutTimes(answer.body())).isEqualTo(String.join("\n", LINES) + "\n");
        assertThat(client.get(logs + "?follow=true", "Accept", NDJSON).body()).isEqualTo(answer.body());
        assertThat(withoutTimes(client.get(logs + "?after=2", "Accept", NDJSON).body()))
                .isEqualTo(LINES.get(2) + "\n");
    }

    @Test
    void as_events_each_line_is_one_and_the_last_is_the_build() {
        Answer answer = client.get(logs, "Accept", EVENTS);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo(EVENTS);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(answer.header("X-Accel-Buffering")).isEqualTo("no");
        String[] parts = answer.body().split("(?<=\n\n)");
        assertThat(parts).hasSize(4);
        for (int n = 1; n <= 3; n++) {
            assertThat(withoutTimes(parts[n - 1]))
                    .isEqualTo("id: " + n + "\nevent: log\ndata: " + LINES.get(n - 1) + "\n\n");
        }
        assertThat(parts[3]).startsWith("id: 3-end-1\nevent: end\ndata: {").endsWith("}\n\n");
        JsonObject end = new JsonObject(parts[3].split("data: ")[1]);
        assertThat(end).isEqualTo(client.build(build.toString()));
        assertThat(end.getString("status")).isEqualTo("FAILED");
    }

    @Test
    void an_empty_log_has_an_end_too() {
        UUID empty = builds.running();
        builds.fail(empty);
        try (EventStream events = new EventStream(url.resolve(BUILDS + "/" + empty + "/logs"))) {
            assertThat(events.rest()).singleElement().satisfies(end -> assertThat(end.id())
                    .isEqualTo("0-end-1"));
        }
        assertThat(client.get(BUILDS + "/" + empty + "/logs").body()).isEmpty();
        assertThat(client.get(BUILDS + "/" + empty + "/logs", "Accept", NDJSON).body())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, ''", "1, 0", "'', 1", "0, 1", "1-end-1, ''", "1-end-0, ''", "'', 1-end-1"})
    void the_last_event_id_says_where_to_go_on_and_goes_before_the_address(String last, String after) {
        String query = after.isEmpty() ? "" : "?after=" + after;
        String[] headers = last.isEmpty() ? new String[0] : new String[] {"Last-Event-ID", last};
        try (EventStream events = new EventStream(url.resolve(logs + query), headers)) {
            assertThat(events.rest())
                    .extracting(EventStream.Event::id)
                    .containsExactly(
                            last.equals("0")
                                    ? List.of("1", "2", "3", "3-end-1").toArray(String[]::new)
                                    : List.of("2", "3", "3-end-1").toArray(String[]::new));
        }
    }

    @Test
    void whoever_has_seen_the_end_has_nothing_to_come_back_for() {
        assertThat(client.get(logs, "Accept", EVENTS, "Last-Event-ID", "3-end-1")
                        .status())
                .isEqualTo(204);
        assertThat(client.get(logs + "?after=3-end-1", "Accept", EVENTS).status())
                .isEqualTo(204);
        assertThat(client.get(logs + "?after=3-end-1").status()).isEqualTo(200);
        // the last line is not the end, and what lies beyond it is no end of this log
        for (String last : List.of("3", "99", "3-end-0", "99-end-1")) {
            try (EventStream events = new EventStream(url.resolve(logs), "Last-Event-ID", last)) {
                assertThat(events.rest())
                        .extracting(EventStream.Event::id)
                        .as(last)
                        .containsExactly("3-end-1");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", EVENTS, NDJSON})
    void a_bad_query_is_named(String accept) {
        for (String after : List.of("soon", "-1", "1.5", "", "1-end", "1-end-x", "1".repeat(19))) {
            assertThat(client.get(logs + "?after=" + after, "Accept", accept)
                            .problem(400, "request-invalid")
                            .getString("field"))
                    .isEqualTo("after");
        }
        for (String query : List.of("follow=perhaps", "follow=true&follow=true")) {
            assertThat(client.get(logs + "?" + query, "Accept", accept)
                            .problem(400, "request-invalid")
                            .getString("field"))
                    .isEqualTo("follow");
        }
        client.get(BUILDS + "/" + UUID.randomUUID() + "/logs", "Accept", accept).problem(404, "not-found");
    }

    @Test
    void a_bad_last_event_id_is_named() {
        assertThat(client.get(logs, "Accept", EVENTS, "Last-Event-ID", "yesterday")
                        .problem(400, "request-invalid")
                        .getString("field"))
                .isEqualTo("Last-Event-ID");
    }

    @Test
    void other_forms_there_are_not() {
        for (String accept : List.of("application/json", "text/html", "text/plain;q=0")) {
            assertThat(client.get(logs, "Accept", accept)
                            .problem(406, "not-acceptable")
                            .getString("detail"))
                    .contains("text/plain", EVENTS, NDJSON);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", EVENTS, NDJSON})
    void the_head_alone_costs_no_log(String accept) {
        Answer head = client.send("HEAD", logs + "?follow=true", new byte[0], "Accept", accept);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Type")).startsWith(accept);
        assertThat(head.body()).isEmpty();
        UUID running = builds.running();
        assertThat(client.send("HEAD", BUILDS + "/" + running + "/logs", new byte[0], "Accept", EVENTS)
                        .status())
                .isEqualTo(200);
    }
}
