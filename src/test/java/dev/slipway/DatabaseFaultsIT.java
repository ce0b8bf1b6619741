package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Two services whose one database fails in the ways that databases have: every build ends all the same, and once. */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DatabaseFaultsIT {
    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int CUTS = 15;

    private Replicas replicas;

    @BeforeAll
    void start() throws IOException {
        replicas = new Replicas(
                2,
                Map.of(
                        "slipway.worker.slots",
                        "1",
                        "slipway.build.lease",
                        LEASE.toString(),
                        // an attempt that the fault has killed counts as a crash
                        "slipway.build.max-crashes",
                        "100"));
    }

    @AfterAll
    void nothing_is_left() {
        replicas.close();
    }

    @Test
    void its_backends_are_terminated_again_and_again() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ids.add(submit("cut-" + i, "echo begins"));
        }
        for (int i = 0; i < CUTS; i++) {
            replicas.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid()"
                    + " and backend_type = 'client backend'");
            await().pollDelay(Duration.ofMillis(200)).until(() -> true);
        }
        for (int i = 0; i < ids.size(); i++) {
            assertEndedOnce(ids.get(i), "cut-" + i);
        }
    }

    @Test
    void it_can_only_be_read_for_longer_than_a_lease() throws Exception {
        try (Gate gate = new Gate()) {
            String id = submit("closed", gate.pass("closed"));
            gate.awaitArrivals(1);
            replicas.ask("alter system set default_transaction_read_only = on");
            replicas.ask("select pg_reload_conf()");
            try {
                await().atMost(SOON)
                        .until(() -> given().baseUri(replicas.get(0).url())
                                        .contentType("application/json")
                                        .body("{\"images\":[\"a\"],\"dockerfile\":\"FROM scratch\"}")
                                        .post("/api/v1/builds")
                                        .statusCode()
                                == 503);
                assertThat(TestBuilds.get(replicas.get(0), id).getString("status"))
                        .isEqualTo("RUNNING");
                // nobody renews a lease there, so the build is dead, and nobody can be told
                await().atMost(SOON).until(() -> Traces.ofMounts(replicas.directory()), List::isEmpty);
            } finally {
                replicas.ask(
                        "set default_transaction_read_only = off",
                        "alter system reset default_transaction_read_only",
                        "select pg_reload_conf()");
            }
            gate.open();
            assertEndedOnce(id, "closed");
        }
    }

    @Test
    void it_is_restarted_and_away_for_five_seconds_then_for_longer_than_any_lease() throws Exception {
        try (Gate gate = new Gate()) {
            String id = submit("away", gate.pass("away"));
            gate.awaitArrivals(1);
            down(Duration.ofSeconds(5));
            await().atMost(SOON)
                    .until(() -> given().baseUri(replicas.get(0).url())
                                    .get("/api/v1/builds")
                                    .statusCode()
                            == 200);
            down(LEASE.multipliedBy(3));
            // by then whoever built it has killed it
            assertThat(Traces.ofMounts(replicas.directory())).isEmpty();
            gate.open();
            assertEndedOnce(id, "away");
            assertThat(replicas.all()).allMatch(service -> service.said().contains("leases are judged again in 5 s"));
        }
    }

    private void down(Duration time) {
        replicas.stopDatabase();
        await().pollDelay(time).atMost(time.plus(SOON)).until(() -> true);
        replicas.startDatabase();
    }

    @Test
    void nothing_is_heard_from_it_on_the_connections_that_listen() throws Exception {
        List<String> deaf = replicas.ask("select pid from pg_stat_activity where query ilike 'listen %'");
        assertThat(deaf).hasSize(2);
        deaf.forEach(pid -> ServiceProcess.signal("STOP", pid));
        try {
            String id = submit("unheard", "echo begins");
            String followed = given().baseUri(replicas.get(1).url())
                    .get("/api/v1/builds/" + id + "/logs?follow=true")
                    .asString();
            assertThat(followed).contains("unheard ran");
            assertEndedOnce(id, "unheard");
        } finally {
            deaf.forEach(pid -> ServiceProcess.signal("CONT", pid));
        }
    }

    private String submit(String name, String shell) throws IOException {
        return TestBuilds.submit(replicas.get(0), name, shell);
    }

    /** It succeeded, one service said so, and what it pushed is what stands in the registry. */
    private void assertEndedOnce(String id, String name) throws Exception {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> TestBuilds.get(replicas.get(1), id).getString("status") != null);
        JsonPath build = TestBuilds.awaitEnd(replicas.get(1), id);
        assertThat(build.getString("status")).as(build.prettify()).isEqualTo("SUCCEEDED");
        assertThat(build.getString("digest")).isEqualTo(replicas.registry().digest(repository(build), "latest"));
        assertThat(TestBuilds.log(replicas.get(1), id)).contains(name + " ran");
        assertThat(replicas.said()).containsOnlyOnce("build " + id + " is SUCCEEDED");
    }

    private String repository(JsonPath build) {
        String image = build.getString("images[0]");
        return image.substring(replicas.registry().host().length() + 1, image.lastIndexOf(':'));
    }
}
