package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The service where no build can run: it lives, says what is missing, and keeps what it is sent. */
@Timeout(180)
class UnusableBuildahIT {
    private final TestRegistry registry = new TestRegistry();
    private Path directory;
    private ServiceProcess service;

    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        service = new ServiceProcess(directory, registry.start());
    }

    @AfterEach
    void nothing_is_left() {
        service.close();
        registry.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    @Test
    void without_sub_uids_it_is_alive_and_not_ready_and_says_what_to_do() throws Exception {
        // newuidmap is set-uid root, and that counts no more: as under systemd's NoNewPrivileges
        service.launchedBy("setpriv", "--no-new-privs").start().awaitStatus("/q/health/live", 200);
        assertCannotBuild("namespaces");
    }

    @Test
    void in_a_container_of_one_user_it_is_alive_and_not_ready_and_says_what_to_do() throws Exception {
        service.launchedBy("unshare", "--user", "--map-current-user").start().awaitStatus("/q/health/live", 200);
        assertCannotBuild("namespaces");
    }

    @Test
    void without_buildah_it_is_alive_and_not_ready_and_says_what_to_do() throws Exception {
        withoutBuildah().start().awaitStatus("/q/health/live", 200);
        assertCannotBuild("buildah is not installed");
    }

    @Test
    void without_buildah_a_service_that_only_takes_requests_is_ready() throws Exception {
        withoutBuildah().set("slipway.worker.slots", "0").start().awaitReady();
        String id = TestBuilds.submit(service, "patient", "true");
        assertThat(TestBuilds.get(service, id).getString("status")).isEqualTo("QUEUED");
        assertThat(service.terminate()).isEqualTo(143);
        assertThat(service.said()).contains("only takes requests").doesNotContain("\tat ", "no build can run here");
    }

    private ServiceProcess withoutBuildah() throws IOException {
        String hide =
                "mount --bind /dev/null /usr/bin/buildah && exec unshare --user --map-user=%d --map-group=%d \"$@\"";
        int user = (Integer) Files.getAttribute(directory, "unix:uid");
        int group = (Integer) Files.getAttribute(directory, "unix:gid");
        return service.launchedBy(
                "unshare", "--user", "--map-root-user", "--mount", "sh", "-c", hide.formatted(user, group), "sh");
    }

    private void assertCannotBuild(String why) throws IOException {
        service.awaitStatus("/q/health/ready", 503);
        String problem = given().baseUri(service.url())
                .get("/q/health/ready")
                .jsonPath()
                .getString("checks.find { it.name == 'buildah' }.data.problem");
        assertThat(problem).contains(why).doesNotContain("Exception");
        assertThat(service.said()).contains("no build can run here: " + problem).doesNotContain("\tat ");

        String id = TestBuilds.submit(service, "patient", "true");
        assertThat(TestBuilds.get(service, id).getString("status")).isEqualTo("QUEUED");
        assertThat(service.terminate()).isEqualTo(143);
        assertThat(service.said()).doesNotContain("\tat ");
    }
}
