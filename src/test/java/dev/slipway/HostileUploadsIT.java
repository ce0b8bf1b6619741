package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Many who send half an archive each and then nothing, to a service with a small heap. */
@Timeout(240)
class HostileUploadsIT {
    private static final int UPLOADS = 500;
    private static final int SENT = 300_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Path directory;
    private ServiceProcess service;
    private final List<StalledUpload> uploads = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        service = new ServiceProcess(
                        directory,
                        Map.of(
                                "slipway.worker.slots",
                                "0",
                                "slipway.http.body-idle-timeout",
                                "PT15S",
                                "slipway.source.memory-wait",
                                "PT2S",
                                "slipway.registry.default-host",
                                "registry.invalid"))
                .set("java.tool.options", "-Xmx256m")
                .start()
                .awaitStatus("/q/health/live", 200);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        for (StalledUpload upload : uploads) {
            upload.close();
        }
        service.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    @Test
    void five_hundred_stalled_uploads_harm_nobody_and_leave_nothing() throws IOException {
        List<byte[]> archives = archives();
        ordinary();
        int threads = threads();

        for (int i = 0; i < UPLOADS; i++) {
            byte[] archive = archives.get(i % archives.size());
            uploads.add(new StalledUpload(service.port(), archive, SENT, i / archives.size() % 2 == 0));
        }
        for (int round = 0; round < 3; round++) {
            ordinary();
        }
        // each is being read, or was told why not
        await().atMost(PATIENCE).until(() -> uploads.stream()
                .allMatch(upload -> upload.isSent() || !upload.answer().isEmpty()));
        ordinary();
        assertThat(threads()).isLessThan(threads + 50);

        List<StalledUpload> silent = uploads.subList(0, 20);
        for (int i = silent.size(); i < UPLOADS; i++) {
            if (i % 2 == 0) {
                uploads.get(i).reset();
            } else {
                uploads.get(i).close();
            }
        }
        await().atMost(PATIENCE).until(() -> connections() <= silent.size() && arriving() <= silent.size());
        // who is still there is told at the deadline
        await().atMost(PATIENCE).until(() -> connections() == 0 && arriving() == 0);

        assertThat(uploads).allSatisfy(upload -> assertThat(upload.answer())
                .matches("(?s)|HTTP/1.1 408 .*/problems/request-timeout.*"
                        + "|HTTP/1.1 503 .*Retry-After: 5\r\n.*/problems/unavailable.*"));
        assertThat(silent).allSatisfy(upload -> assertThat(upload.answer()).isNotEmpty());
        assertThat(openFiles()).noneMatch(file -> file.contains(".incoming") && !file.endsWith(".lock"));
        assertThat(builds()).isEqualTo(5);
        assertThat(service.said()).doesNotContain("OutOfMemory", "ERROR");
    }

    @Test
    void what_was_arriving_at_a_killed_service_is_gone_once_it_runs_again() throws IOException {
        byte[] tar = archives().getFirst();
        for (int i = 0; i < 10; i++) {
            uploads.add(new StalledUpload(service.port(), tar, SENT, i % 2 == 0));
        }
        await().atMost(PATIENCE).until(() -> arriving() == 10);

        service.kill();
        assertThat(arriving()).isEqualTo(10);
        service.start().awaitStatus("/q/health/live", 200);

        assertThat(arriving()).isZero();
        try (Stream<Path> left = Files.list(incoming())) {
            assertThat(left).as("this service's directory and its lock").hasSize(2);
        }
        assertThat(builds()).isZero();
        ordinary();
    }

    /** What everybody else does. */
    private void ordinary() {
        given().baseUri(service.url())
                .queryParam("image", "ordinary")
                .contentType("application/x-tar")
                .body(TestSource.holding("ordinary").tgz())
                .post("/api/v1/builds")
                .then()
                .statusCode(202);
        given().baseUri(service.url()).get("/api/v1/builds").then().statusCode(200);
        given().baseUri(service.url()).get("/q/health/live").then().statusCode(200);
    }

    private int builds() {
        return given().baseUri(service.url())
                .get("/api/v1/builds?limit=200")
                .jsonPath()
                .getList("items")
                .size();
    }

    /** The connections of others to it that are not over yet. */
    private long connections() throws IOException {
        String port = ":%04X ".formatted(service.port());
        try (Stream<String> sockets = Files.lines(Path.of("/proc/net/tcp"))) {
            return sockets.map(line -> line.strip().split("\\s+"))
                    .filter(field -> (field[1] + " ").endsWith(port))
                    .filter(field -> field[3].equals("01") || field[3].equals("08")) // established, to be closed by us
                    .count();
        }
    }

    private Path incoming() {
        return service.data().resolve("sources/.incoming");
    }

    /** Only names are read: what they stand for may vanish at any time. */
    private long arriving() throws IOException {
        long count = 0;
        try (Stream<Path> owners = Files.list(incoming())) {
            for (Path owner :
                    owners.filter(path -> !path.toString().endsWith(".lock")).toList()) {
                try (Stream<Path> files = Files.list(owner)) {
                    count += files.count();
                }
            }
        }
        return count;
    }

    private List<String> openFiles() throws IOException {
        List<String> open = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + service.pid() + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS)) {
                    open.add(Files.readSymbolicLink(descriptor).toString());
                }
            }
        }
        return open;
    }

    private int threads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + service.pid() + "/task"))) {
            return (int) tasks.count();
        }
    }

    /** One archive in every compression; the decoders of the last three want 4, 8 and 16 MiB. */
    private static List<byte[]> archives() throws IOException {
        byte[] noise = new byte[700_000];
        new Random(1).nextBytes(noise);
        byte[] tar = TestSource.holding("stalled")
                .file("noise", new String(noise, StandardCharsets.ISO_8859_1))
                .tar();
        return List.of(
                tar,
                packed(tar, GZIPOutputStream::new),
                packed(tar, BZip2CompressorOutputStream::new),
                packed(tar, out -> new XZOutputStream(out, new LZMA2Options(6))),
                packed(tar, out -> new ZstdOutputStream(out, 1).setLong(24)));
    }

    private interface Packing {
        OutputStream of(OutputStream out) throws IOException;
    }

    private static byte[] packed(byte[] tar, Packing packing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packing.of(bytes)) {
            out.write(tar);
        }
        return bytes.toByteArray();
    }
}
