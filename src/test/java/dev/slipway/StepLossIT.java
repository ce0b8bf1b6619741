package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.build.Step;
import io.restassured.path.json.JsonPath;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a build whose service, buildah or supervisor is killed in the middle of one of its steps. */
@Timeout(400)
class StepLossIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String PAGE = "/source.tar";
    /** A build's step waits for the advisory lock 1 when it begins or ends, as the table says. */
    private static final String HOLD = """
            create table hold (step text, moment text);
            create function hold() returns trigger language plpgsql as $$
            begin
                if exists (select from hold where step = new.step and moment = tg_argv[0]) then
                    perform pg_advisory_xact_lock(1);
                end if;
                return new;
            end $$;
            create trigger hold_begin before insert on build_step for each row execute function hold('begin');
            create trigger hold_end before update on build_step for each row execute function hold('end');
            """;

    private final TestSite site = new TestSite();
    private Gate gate;
    private Replicas replicas;
    private ServiceProcess service;
    private Connection holder;
    private boolean frozen;

    @BeforeEach
    void prepare() throws Exception {
        gate = new Gate();
        Map<String, String> settings = new TreeMap<>(site.start());
        settings.remove("slipway.facade.job.github");
        settings.put("slipway.worker.slots", "1");
        settings.put("slipway.build.lease", "PT5S");
        replicas = new Replicas(1, settings);
        service = replicas.get(0);
        holder = replicas.connect();
        execute(HOLD);
    }

    @AfterEach
    void nothing_is_left() throws Exception {
        if (frozen) {
            replicas.registry().thaw();
        }
        holder.close();
        gate.close();
        site.close();
        replicas.close();
    }

    /** One test for all, since a service's start costs more than any of them. */
    @Test
    void kill_9_of_the_service_in_any_step_costs_a_build_an_attempt_and_nothing_else() throws Exception {
        gate.open();
        TestBuilds.awaitEnd(service, TestBuilds.submit(service, "base", "true"));
        byte[] source = new TestSource()
                .file(
                        "Dockerfile",
                        "FROM " + replicas.registry().host() + "/demo/base\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \""
                                + gate.pass("step") + "\"]\n")
                .tar();
        for (Step step : Step.values()) {
            site.content(PAGE, source);
            gate.shut();
            if (step != Step.BUILD) {
                gate.open();
            }
            String id = beginUntil(step);
            service.kill();
            await().atMost(SOON).until(() -> Traces.ofMounts(replicas.directory()), List::isEmpty);
            letGo();
            gate.open();
            site.content(PAGE, source);
            service.start().awaitReady();

            JsonPath build = TestBuilds.awaitEnd(service, id);
            assertThat(build.getString("status")).as(build.prettify()).isEqualTo("SUCCEEDED");
            assertThat(build.getInt("attempt")).as("killed in %s", step).isEqualTo(2);
            assertThat(build.<String>getList("steps.status")).doesNotContain("running");
            assertThat(replicas.registry().digest("demo/" + name(step), "latest"))
                    .isEqualTo(build.getString("digest"));
            await().atMost(SOON).untilAsserted(() -> assertThat(leftovers()).isEmpty());
        }
        assertThat(service.said()).doesNotContain(" ERROR ");
    }

    @Test
    void a_build_whose_buildah_or_supervisor_is_killed_runs_again_but_not_for_ever() throws Exception {
        String id = TestBuilds.submit(service, "victim", gate.pass("victim"));
        gate.awaitArrivals(1);
        // looks like the kill that buildah 1.28 now and then speaks of without any: the same attempt goes on
        kill("buildah-chroot-runtime", "");
        gate.awaitArrivals(2);
        await().atMost(SOON).untilAsserted(() -> assertThat(TestBuilds.log(service, id))
                .contains("building again: buildah lost a process of its own"));
        kill("buildah ", " bud ");
        gate.awaitArrivals(3);
        kill("/bin/bash ", " slipway-supervisor ");
        gate.awaitArrivals(4);
        gate.open();
        TestBuilds.assertSucceededOnce(service, id, "victim", 3);

        gate.shut();
        String deadly = TestBuilds.submit(service, "deadly", gate.pass("deadly"));
        for (int death = 1; death <= 3; death++) {
            gate.awaitArrivals(4 + death);
            kill("buildah ", " bud ");
        }
        JsonPath build = TestBuilds.awaitEnd(service, deadly);
        assertThat(build.getString("status")).isEqualTo("FAILED");
        assertThat(build.getString("error.type")).isEqualTo("/problems/worker-crashed");
        await().atMost(SOON).untilAsserted(() -> assertThat(leftovers()).isEmpty());
        assertThat(Traces.ofMounts(replicas.directory())).isEmpty();
    }

    /** Hands in a build and returns when it is in the middle of a step. */
    private String beginUntil(Step step) throws Exception {
        execute("select pg_advisory_lock(1)");
        execute("truncate hold");
        switch (step) {
            case FETCH ->
                site.page(PAGE, (request, out) -> {
                    out.write(TestSite.head(200, "Content-Length: 4096"));
                    out.write(new byte[512]);
                    out.flush();
                    request.awaitHangUp();
                });
            case UNPACK, TAG -> hold(step, "end");
            case PULL -> freeze();
            case BUILD -> {}
            case LOGIN, PUSH -> hold(step, "begin");
        }
        String id = submit(name(step));
        switch (step) {
            case FETCH, BUILD -> awaitStep(id, step);
            case UNPACK, TAG -> awaitHeld();
            case PULL -> awaitProcess("buildah login");
            case LOGIN, PUSH -> {
                awaitHeld();
                freeze();
                execute("select pg_advisory_unlock(1)");
                awaitProcess("buildah " + name(step));
            }
        }
        if (step == Step.BUILD) {
            await().atMost(SOON).until(() -> gate.isAnybodyWaiting());
        }
        return id;
    }

    private void letGo() throws SQLException {
        if (frozen) {
            replicas.registry().thaw();
            frozen = false;
        }
        execute("truncate hold");
        execute("select pg_advisory_unlock_all()");
    }

    private void freeze() {
        replicas.registry().freeze();
        frozen = true;
    }

    private void hold(Step step, String moment) throws SQLException {
        execute("insert into hold values ('" + step + "', '" + moment + "')");
    }

    private String submit(String name) {
        return given().baseUri(service.url())
                .contentType("application/json")
                .body(new JsonObject()
                        .put("images", List.of(name))
                        .put("tarUrl", site.url(PAGE))
                        .put("noCache", true)
                        .put("pull", true)
                        .encode())
                .post("/api/v1/builds")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private void awaitStep(String id, Step step) {
        await().atMost(SOON).until(() -> name(step)
                .equalsIgnoreCase(TestBuilds.get(service, id).getString("step")));
    }

    private void awaitHeld() {
        await().atMost(SOON).until(() -> {
            try (var statement = holder.createStatement();
                    var found = statement.executeQuery(
                            "select from pg_locks where locktype = 'advisory' and not granted")) {
                return found.next();
            }
        });
    }

    /** Global options of buildah stand before its command. */
    private void awaitProcess(String command) {
        String[] words = command.split(" ");
        await().atMost(SOON).until(() -> Traces.ofMounts(replicas.directory()).stream()
                .anyMatch(line -> line.contains(" " + words[0] + " ") && line.contains(" " + words[1] + " ")));
    }

    /** Kills those of this test's processes whose command line begins so and holds a word. */
    private void kill(String program, String word) {
        List<String> found = Traces.of(replicas.directory()).stream()
                .filter(line -> line.startsWith(program, line.indexOf(' ') + 1) && line.contains(word))
                .toList();
        assertThat(found).isNotEmpty();
        // one of them may be gone with the one before it
        found.forEach(
                line -> ProcessHandle.of(Long.parseLong(line.split(" ")[0])).ifPresent(ProcessHandle::destroyForcibly));
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> work = Files.list(service.data().resolve("work"));
                Stream<Path> incoming = Files.walk(replicas.sources().resolve(".incoming"))) {
            return Stream.concat(work, incoming.filter(Files::isRegularFile).filter(file -> !file.toString()
                            .endsWith(".lock")))
                    .toList();
        }
    }

    private static String name(Step step) {
        return step.name().toLowerCase(Locale.ROOT);
    }

    private void execute(String sql) throws SQLException {
        try (var statement = holder.createStatement()) {
            statement.execute(sql);
        }
    }
}
