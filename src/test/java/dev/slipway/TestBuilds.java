package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.restassured.path.json.JsonPath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Builds out of Debian's static busybox, sent to a service and looked at there over HTTP. */
final class TestBuilds {
    static final Duration END = Duration.ofSeconds(90);
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    private TestBuilds() {}

    /** Sends a build whose one RUN step is a shell's; the step's last words are {@code NAME ran}. Returns the id. */
    static String submit(ServiceProcess service, String name, String shell) throws IOException {
        return given().baseUri(service.url())
                .queryParam("image", name)
                .contentType("application/x-tar")
                .body(archive("FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \""
                        + shell + "; echo " + name + " ran\"]\n"))
                .post("/api/v1/builds")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    static JsonPath get(ServiceProcess service, String id) {
        return given().baseUri(service.url()).get("/api/v1/builds/" + id).jsonPath();
    }

    static List<String> log(ServiceProcess service, String id) {
        return given().baseUri(service.url())
                .get("/api/v1/builds/" + id + "/logs")
                .asString()
                .lines()
                .toList();
    }

    /** Waits until a build has ended, and shows it. */
    static JsonPath awaitEnd(ServiceProcess service, String id) {
        return await().atMost(END).until(() -> get(service, id), build -> List.of("SUCCEEDED", "FAILED", "CANCELLED")
                .contains(build.getString("status")));
    }

    /** Waits until a build succeeded, which it did in this attempt, and whose step ran to its end once. */
    static void assertSucceededOnce(ServiceProcess service, String id, String name, int attempt) {
        JsonPath build = awaitEnd(service, id);
        assertThat(build.getString("status")).as(build.prettify()).isEqualTo("SUCCEEDED");
        assertThat(build.getInt("attempt")).isEqualTo(attempt);
        assertThat(log(service, id)).containsOnlyOnce(name + " ran");
        assertThat(build.<String>getList("steps.findAll { it.attempt == " + attempt + " }.step"))
                .containsExactly("UNPACK", "BUILD", "TAG", "LOGIN", "PUSH");
        assertThat(build.<String>getList("steps.status")).doesNotContain("running");
    }

    private static byte[] archive(String dockerfile) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            put(tar, "Dockerfile", 0644, dockerfile.getBytes(StandardCharsets.UTF_8));
            put(tar, "busybox", 0755, Files.readAllBytes(BUSYBOX));
        }
        return bytes.toByteArray();
    }

    private static void put(TarArchiveOutputStream tar, String name, int mode, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setSize(content.length);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
