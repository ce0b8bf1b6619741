package dev.slipway.api;

import static dev.slipway.TestClient.errorType;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.ApiFixture;
import dev.slipway.Everything;
import dev.slipway.Processes;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Dockerfiles that try to get out: through known holes of buildah, and by what root may do. A canary is kept outside of
 * the sandbox, in the data directory, and one in each slot's storage, which is inside, at {@code /slot}.
 */
@QuarkusTest
@TestProfile(Everything.class)
@Timeout(180)
class EscapesTest extends ApiFixture {
    private static final String SONG = "the canary sings";
    private static final String REFUSED = "slipway: this step may not run, because ";

    @BeforeEach
    void put_the_canaries_up() throws IOException {
        for (Path canary : canaries()) {
            Files.createDirectories(canary.getParent());
            Files.writeString(canary, SONG);
        }
    }

    @AfterEach
    void take_them_down() throws IOException {
        for (Path canary : canaries()) {
            Files.deleteIfExists(canary);
        }
    }

    private List<Path> canaries() {
        Path slots = data.directory().resolve("slots");
        return List.of(
                data.directory().resolve("canary"),
                slots.resolve("0/storage/canary"),
                slots.resolve("1/storage/canary"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CVE-2024-1753",
                "CVE-2024-9407",
                "CVE-2024-9675",
                "CVE-2025-4953",
                "link-in-the-context",
                "link-in-a-cache",
                "link-at-the-target",
                "chroot",
                "processes",
                "mounts-and-devices"
            })
    void an_escape_reads_and_changes_neither_canary(String name) throws IOException {
        String dockerfile;
        try (var in = getClass().getResourceAsStream("escapes/" + name + ".Dockerfile")) {
            dockerfile = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> builds = new ArrayList<>();
        builds.add(submit(dockerfile, "/slot", "link", ""));
        builds.add(submit(dockerfile, data.directory().toString(), "link", ""));
        if (dockerfile.contains("@LINK@")) {
            builds.add(submit(dockerfile, "/slot", "root-link", "/slot"));
        }

        for (String id : builds) {
            JsonObject build = await().until(() -> client.build(id), b -> List.of("SUCCEEDED", "FAILED")
                    .contains(b.getString("status")));
            List<String> log = client.log(id).lines().toList();
            assertThat(log)
                    .as("the attempt was made")
                    .anyMatch(line -> line.equals("tried") || line.startsWith(REFUSED));
            assertThat(log).noneMatch(line -> line.contains(SONG)).doesNotContain("STOLEN");
            if (build.getString("status").equals("FAILED")) {
                assertThat(errorType(build)).isEqualTo("/problems/build-failed");
            }
            assertThat(build.getInteger("attempt")).isEqualTo(1);
        }
        for (Path canary : canaries()) {
            assertThat(canary).hasContent(SONG);
        }
    }

    private String submit(String dockerfile, String directory, String link, String rest) {
        String filled = dockerfile
                .replace("@DIRECTORY@", directory)
                .replace("@LINK@", link)
                .replace("@REST@", rest);
        TestSource source = TestSource.running("")
                .file("Dockerfile", filled)
                .file("own", "unchanged\n")
                .link("link", directory);
        return client.submit(new TestForm()
                .field("image", "escape")
                .field("no_cache", "true")
                .source(source));
    }

    @Test
    void what_mounts_are_for_works_all_the_same() {
        JsonObject build = client.run(
                new TestForm()
                        .field("image", "mounts")
                        .field("no_cache", "true")
                        .source(TestSource.running("""
                                RUN /bin/busybox mkdir /made && echo staged > /made/file
                                FROM scratch
                                COPY bin /bin
                                RUN --mount=type=bind,from=0,source=/made,target=/there /bin/busybox cat /there/file
                                RUN --mount=type=bind,target=/there /bin/busybox cat /there/own
                                RUN --mount=type=cache,target=/root/.cache echo cached > /root/.cache/file
                                RUN --mount=type=cache,target=/root/.cache /bin/busybox cat /root/.cache/file
                                RUN --mount=type=tmpfs,target=/there echo fleeting > /there/x && /bin/busybox cat /there/x""").file("own", "of the context\n")),
                "SUCCEEDED");

        assertThat(client.log(build.getString("id")).lines())
                .contains("staged", "of the context", "cached", "fleeting");
    }

    @Test
    void a_build_neither_sees_nor_signals_anything_but_itself() throws IOException {
        String neighbour = client.submit(new TestForm()
                .field("image", "neighbour")
                .source(TestSource.running("RUN time=71235; /bin/busybox sleep $time || echo woken")));
        await().until(() -> Processes.any("/bin/busybox sleep 71235"));

        String looking = client.submit(new TestForm()
                .field("image", "looking")
                .source(TestSource.running("RUN for p in /proc/[0-9]*; do /bin/busybox tr '\\0' ' ' < $p/cmdline;"
                        + " echo; done; echo all seen; /bin/busybox kill -9 -1; echo still here")));

        try {
            // it killed buildah, which nobody can tell from the kernel doing it: that is tried again, but not for ever
            JsonObject killed = client.ended(looking, "FAILED");
            assertThat(errorType(killed)).isEqualTo("/problems/worker-crashed");
            assertThat(killed.getInteger("attempt")).isEqualTo(3);
            assertThat(client.log(looking))
                    .contains("all seen", "sleep infinity")
                    .doesNotContain("71235", "java", "postgres", "docker-registry");
            assertThat(Processes.any("/bin/busybox sleep 71235")).isTrue();
        } finally {
            Processes.kill("/bin/busybox sleep 71235");
        }
        client.ended(neighbour, "SUCCEEDED");
    }

    @Test
    void what_a_step_leaves_behind_is_gone_when_its_build_has_succeeded() throws IOException {
        JsonObject build = client.run(
                new TestForm()
                        .field("image", "daemon")
                        .field("no_cache", "true")
                        .source(TestSource.running("RUN (/bin/busybox setsid sh -c '/bin/busybox setsid /bin/busybox"
                                + " sleep 71236 & /bin/busybox sleep 71237 &' &) > /dev/null 2>&1 < /dev/null\n"
                                + "RUN for p in /proc/[0-9]*; do /bin/busybox tr '\\0' ' ' < $p/cmdline; echo; done")),
                "SUCCEEDED");

        assertThat(client.log(build.getString("id")).lines())
                .as("they outlived their step")
                .contains("/bin/busybox sleep 71236 ", "/bin/busybox sleep 71237 ");
        assertThat(Processes.any("/bin/busybox sleep 71236")).isFalse();
        assertThat(Processes.any("/bin/busybox sleep 71237")).isFalse();
    }

    @Test
    void a_step_reaches_no_port_of_this_machine() throws IOException {
        String addresses = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLinkLocalAddress())
                .map(InetAddress::getHostAddress)
                .map(address -> address.contains(":") ? "[" + address.replaceFirst("%.*", "") + "]" : address)
                .collect(Collectors.joining(" "));
        int port = Integer.parseInt(registry.host().split(":")[1]);
        JsonObject build = client.run(
                new TestForm()
                        .field("image", "ports")
                        .field("no_cache", "true")
                        .source(TestSource.running("RUN for at in localhost " + addresses + "; do for port in "
                                + url.getPort() + " " + port + "; do /bin/busybox wget -T 5 -q -O /dev/null"
                                + " http://$at:$port/v2/ 2>&1 | /bin/busybox grep -v 'refused\\|denied\\|unreachable'"
                                + " ; done; done; echo looked")),
                "SUCCEEDED");

        List<String> said = client.log(build.getString("id"))
                .lines()
                .filter(line -> line.startsWith("wget"))
                .toList();
        assertThat(said).isEmpty();
        assertThat(client.log(build.getString("id")).lines()).contains("looked");
        assertThat(Stream.of(addresses.split(" "))).isNotEmpty();
    }
}
