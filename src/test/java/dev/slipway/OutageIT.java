package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged service while its database is away, stopped or silent, and after it came back. */
@Timeout(240)
class OutageIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String CALLS = "/api/v1/builds";
    private static final String DOCUMENT = "{\"images\":[\"registry.invalid/away\"],\"dockerfile\":\"FROM scratch\"}";

    private Replicas replicas;
    private ServiceProcess service;

    @BeforeEach
    void prepare() throws IOException {
        replicas = new Replicas(1, Map.of("slipway.worker.slots", "0"));
        service = replicas.get(0);
    }

    @AfterEach
    void nothing_is_left() {
        replicas.close();
    }

    private RequestSpecification client(String... headers) {
        RequestSpecification request = given().baseUri(service.url());
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request;
    }

    private Response submit(String... headers) {
        return client(headers).contentType("application/json").body(DOCUMENT).post(CALLS);
    }

    private static void assertUnavailable(Response answer) {
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(503);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
        assertThat(answer.jsonPath().getString("type")).isEqualTo("/problems/unavailable");
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
    }

    private Set<String> sources() throws IOException {
        try (Stream<Path> files = Files.list(replicas.sources())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private Set<String> builds() {
        return new TreeSet<>(client().get(CALLS).jsonPath().getList("items.id"));
    }

    /** Once the service answers again: each build has its source, and no source is without its build. */
    private void assertSourcesAreThoseOfBuilds(int count) {
        await().atMost(SOON).until(() -> client().get(CALLS).statusCode() == 200);
        await().atMost(SOON).untilAsserted(() -> assertThat(sources()).isEqualTo(builds()));
        assertThat(builds()).hasSize(count);
    }

    @Test
    void while_it_is_stopped_every_call_says_so_and_afterwards_all_is_well() throws Exception {
        String id = submit("Idempotency-Key", "before").jsonPath().getString("id");
        String path = CALLS + "/" + id;
        CompletableFuture<Response> waiting =
                CompletableFuture.supplyAsync(() -> client("Prefer", "wait=600").get(path));
        // by the time that this one has waited, the one before it waits
        client("Prefer", "wait=1").get(path).then().statusCode(200);
        replicas.stopDatabase();

        assertUnavailable(submit());
        assertUnavailable(submit("Idempotency-Key", "before"));
        assertUnavailable(submit("Prefer", "wait=1"));
        assertUnavailable(client().multiPart("image", "registry.invalid/a")
                .multiPart("dockerfile", "FROM scratch")
                .post(CALLS));
        assertUnavailable(client().get(CALLS));
        assertUnavailable(client().get(path));
        assertUnavailable(client("Prefer", "wait=1").get(path));
        assertUnavailable(client().get(path + "/logs"));
        assertUnavailable(client().get(path + "/logs?follow=true"));
        assertUnavailable(client().post(path + "/cancel"));
        assertUnavailable(client().post(path + "/retry"));
        assertUnavailable(client().delete(path));
        assertUnavailable(client().multiPart("image_name", "registry.invalid/a")
                .multiPart("file", "f", TestSource.holding("away").tar())
                .post("/build"));
        // what is wrong with a request is still said
        assertThat(client().get(CALLS + "?limit=none").statusCode()).isEqualTo(400);

        replicas.startDatabase();
        assertSourcesAreThoseOfBuilds(1);
        assertThat(submit("Idempotency-Key", "before").jsonPath().getString("id"))
                .isEqualTo(id);
        assertThat(client().post(path + "/cancel").statusCode()).isEqualTo(202);
        // who waited through it all hears of the end
        assertThat(waiting.get(SOON.toSeconds(), TimeUnit.SECONDS).jsonPath().getString("status"))
                .isEqualTo("CANCELLED");
        // nothing was taken for a fault of ours; the driver's pool logs one of its own
        assertThat(service.said()).doesNotContain("failed, reference");
    }

    @Test
    void while_it_is_silent_calls_are_answered_and_what_it_still_does_has_its_source() {
        submit("Idempotency-Key", "before").then().statusCode(202);
        signal("STOP");
        try {
            assertUnavailable(submit("Idempotency-Key", "silent"));
            assertUnavailable(client().get(CALLS));
        } finally {
            signal("CONT");
        }

        await().atMost(SOON).until(() -> submit("Idempotency-Key", "silent").statusCode() == 202);
        assertSourcesAreThoseOfBuilds(2);
    }

    /** To the server and all its processes: they work in its directory. */
    private void signal(String name) {
        List<String> pids = Traces.of(replicas.directory().resolve("postgres")).stream()
                .map(process -> process.split(" ")[0])
                .toList();
        assertThat(pids).isNotEmpty();
        pids.forEach(pid -> ServiceProcess.signal(name, pid));
    }
}
