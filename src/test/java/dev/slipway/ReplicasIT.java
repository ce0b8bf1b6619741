package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.endsWith;

import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two services on one database and one store of sources. */
@Timeout(240)
class ReplicasIT {
    private static final int BUILDS = 12;
    private static final int RACES = 25;

    private Gate gate;
    private Replicas replicas;
    private ServiceProcess one;
    private ServiceProcess two;

    @BeforeEach
    void prepare() throws IOException {
        gate = new Gate();
        replicas = new Replicas(2, Map.of("slipway.worker.slots", "1"));
        one = replicas.get(0);
        two = replicas.get(1);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        gate.close();
        replicas.close();
    }

    @Test
    void each_build_runs_once_and_both_replicas_take_part() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < BUILDS; i++) {
            ids.add(TestBuilds.submit(i % 2 == 0 ? one : two, name(i), gate.pass(name(i))));
        }
        // each has one slot: so each runs one
        gate.awaitArrivals(2);
        gate.open();
        for (int i = 0; i < BUILDS; i++) {
            TestBuilds.assertSucceededOnce(i % 2 == 0 ? two : one, ids.get(i), name(i), 1);
        }
        assertThat(gate.arrived()).hasSize(BUILDS).doesNotHaveDuplicates();
        assertThat(built(one)).isNotEmpty().doesNotContainAnyElementsOf(built(two));
        assertThat(built(two)).isNotEmpty();
        assertThat(built(one).size() + built(two).size()).isEqualTo(BUILDS);
        assertThat(replicas.said()).doesNotContain(" ERROR ").doesNotContain("is lost");
    }

    @Test
    void what_a_killed_replica_was_building_the_other_finishes() throws Exception {
        String id = TestBuilds.submit(one, "orphan", gate.pass("orphan"));
        gate.awaitArrivals(1);
        ServiceProcess first = runner();
        first.kill();
        gate.awaitArrivals(2);
        assertThat(Traces.of(first.data())).isEmpty();
        gate.open();
        TestBuilds.assertSucceededOnce(other(first), id, "orphan", 2);
    }

    @Test
    void a_frozen_replica_is_dead_to_its_build_before_another_runs_it() throws Exception {
        String id = TestBuilds.submit(two, "frozen", gate.pass("frozen"));
        gate.awaitArrivals(1);
        ServiceProcess first = runner();
        assertThat(Traces.ofMounts(first.data())).isNotEmpty();
        first.signal("STOP");
        gate.awaitArrivals(2);
        assertThat(Traces.ofMounts(first.data())).isEmpty();
        List<String> before = written(id, 1);

        first.signal("CONT");
        await().atMost(TestBuilds.END).until(() -> first.said().contains("attempt 1 is no longer ours"));
        Traces.awaitNone(first.data().resolve("work"));
        assertThat(written(id, 1)).isEqualTo(before);

        gate.open();
        TestBuilds.assertSucceededOnce(first, id, "frozen", 2);
        assertThat(written(id, 1)).isEqualTo(before);
        assertThat(gate.arrived()).hasSize(2);
        assertThat(replicas.said()).containsOnlyOnce("build " + id + " is SUCCEEDED");

        // who was frozen is of use again
        other(first).kill();
        TestBuilds.assertSucceededOnce(first, TestBuilds.submit(first, "thawed", "echo begins"), "thawed", 1);
    }

    @Test
    void who_was_frozen_between_a_statement_and_its_answer_opens_no_sandbox() throws Exception {
        two.terminate();
        replicas.ask("""
                create function wait() returns trigger language plpgsql as $$
                begin perform pg_advisory_xact_lock(42); return new; end $$
                """, """
                create trigger wait before insert on build_step for each row
                when (new.step = 'BUILD' and new.attempt = 1) execute function wait()
                """);
        String id;
        try (Connection connection = replicas.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_lock(42)");
            id = TestBuilds.submit(one, "between", gate.pass("between"));
            await().atMost(TestBuilds.END).until(() -> waitingFor("advisory") == 1);
            one.signal("STOP");
        }
        two.start().awaitReady();
        gate.awaitArrivals(1);
        assertThat(Traces.ofMounts(one.data())).isEmpty();

        // the slot is tidied afterwards, elsewhere
        Path attempt = one.data().resolve("work").resolve(id + "-1");
        one.signal("CONT");
        await().atMost(TestBuilds.END).pollInterval(Duration.ofMillis(5)).until(() -> {
            assertThat(Traces.ofMounts(attempt))
                    .as("an attempt that is not ours")
                    .isEmpty();
            return one.said().contains("attempt 1 is no longer ours");
        });
        gate.open();
        TestBuilds.assertSucceededOnce(two, id, "between", 2);
        assertThat(gate.arrived()).hasSize(1);
    }

    /** As one whose machine is gone: nobody would tell the database. */
    @Test
    void what_a_frozen_replica_has_locked_another_gets() throws Exception {
        two.terminate();
        TestBuilds.submit(one, "first", gate.pass("first"));
        gate.awaitArrivals(1);
        String id = TestBuilds.submit(one, "locked", "echo begins");
        try (Connection connection = replicas.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select 1 from build_target where build_id = '" + id + "' for update");
            gate.open();
            // it has the build and waits for the target
            await().atMost(TestBuilds.END).until(() -> waitingFor("transactionid") == 1);
            one.signal("STOP");
        }
        assertThat(replicas.ask("select status from build where id = '" + id + "'"))
                .containsExactly("QUEUED");
        two.start().awaitReady();
        TestBuilds.assertSucceededOnce(two, id, "locked", 1);

        one.signal("CONT");
        TestBuilds.assertSucceededOnce(one, TestBuilds.submit(one, "thawed", "echo begins"), "thawed", 1);
        TestBuilds.assertSucceededOnce(one, id, "locked", 1);
    }

    private long waitingFor(String lock) throws SQLException {
        return replicas.number(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and wait_event = '" + lock + "'");
    }

    @Test
    void of_two_requests_with_one_key_one_makes_the_build_and_both_hear_of_it() throws Exception {
        // nothing may run: the sources of queued builds are looked at
        TestBuilds.submit(one, "blocks:1", gate.pass("blocks"));
        TestBuilds.submit(two, "blocks:2", gate.pass("blocks"));
        gate.awaitArrivals(2);
        Set<String> ids = new TreeSet<>();
        for (int race = 0; race < RACES; race++) {
            String key = "race-" + race;
            String document = document(race);
            CompletableFuture<Response> first = CompletableFuture.supplyAsync(() -> submit(one, key, document));
            CompletableFuture<Response> second = CompletableFuture.supplyAsync(() -> submit(two, key, document));
            JsonPath build = first.join().then().statusCode(202).extract().jsonPath();
            assertThat(second.join().then().statusCode(202).extract().jsonPath().<Object>get("images"))
                    .isEqualTo(build.get("images"));
            assertThat(second.join().jsonPath().getString("id")).isEqualTo(build.getString("id"));
            assertThat(second.join().header("Location")).isEqualTo(first.join().header("Location"));
            assertThat(ids.add(build.getString("id"))).isTrue();
            for (ServiceProcess service : replicas.all()) {
                submit(service, key, document(-1)).then().statusCode(422).body("type", endsWith("key-reused"));
            }
        }
        assertThat(TestBuilds.get(one, "").getList("items")).hasSize(RACES + 2);
        try (Stream<Path> sources = Files.list(replicas.sources())) {
            assertThat(sources.map(source -> source.getFileName().toString()).filter(ids::remove))
                    .hasSize(RACES);
        }
        try (Stream<Path> sources = Files.list(replicas.sources())) {
            // the two that run, what is arriving, and whose the directory is
            assertThat(sources).hasSize(RACES + 4);
        }
        gate.open();
    }

    private static Response submit(ServiceProcess service, String key, String document) {
        return given().baseUri(service.url())
                .contentType("application/json")
                .header("Idempotency-Key", key)
                .body(document)
                .post("/api/v1/builds");
    }

    private static String document(int race) {
        return "{\"images\":[\"race:" + (race < 0 ? "other" : race)
                + "\"],\"dockerfile\":\"FROM scratch\\nLABEL a=b\"}";
    }

    private static String name(int i) {
        return "small-" + i;
    }

    /** The replica that has begun to build something; the other has not. */
    private ServiceProcess runner() throws IOException {
        assertThat(built(one).size() + built(two).size()).isEqualTo(1);
        return built(one).isEmpty() ? two : one;
    }

    private ServiceProcess other(ServiceProcess service) {
        return service == one ? two : one;
    }

    /** What a replica's only slot remembers to have built. */
    private static List<String> built(ServiceProcess service) throws IOException {
        Path memory = service.data().resolve("slots/0/repositories");
        return Files.exists(memory) ? Files.readAllLines(memory) : List.of();
    }

    /** All that stands in the database of an attempt. */
    private List<String> written(String id, int attempt) throws SQLException {
        String sql = "select row_to_json(s)::text from build_step s where build_id = '%1$s' and attempt = %2$d"
                + " union all select row_to_json(l)::text from build_log l where build_id = '%1$s' and attempt = %2$d"
                + " order by 1";
        return replicas.ask(sql.formatted(id, attempt));
    }
}
