package dev.slipway.docs;

import dev.slipway.ApiFixture;
import dev.slipway.TestClient;
import dev.slipway.TestForm;
import dev.slipway.api.TightLimits;
import dev.slipway.http.RawClient;
import dev.slipway.source.Tar;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** What is documented of limits is given, where the limits are low. */
@QuarkusTest
@TestProfile(TightLimits.class)
@Timeout(60)
class LimitedAnswersTest extends ApiFixture {
    static final Scenarios<LimitedAnswersTest> SCENARIOS = new Scenarios<>();

    static {
        for (Door door : Door.values()) {
            refusal(door, "request-too-large", new byte[9 << 20]);
            refusal(
                    door,
                    "archive-too-large",
                    tar().file("large", "x".repeat(5 << 20)).end());
            refusal(door, "archive-too-many-entries", many(30).end());
            refusal(
                    door,
                    "archive-name-too-long",
                    tar().longName('L', "n".repeat(4_000)).file("short", "").end());
            refusal(door, "archive-memory-limit", xz(tar().end()));
            SCENARIOS.add(
                    door.answers("408 request-timeout"),
                    test -> test.stalled(door.path(), "Content-Type: " + TestForm.type()));
        }
        Call.doors()
                .forEach(call -> SCENARIOS.add(
                        call.answers("408 application/json"),
                        test -> test.stalled(call.path(), "Content-Type: " + TestForm.type())));
        Stream.of(Call.TASK, Call.JOB)
                .forEach(call -> SCENARIOS.add(call.answers("413 application/json"), test -> test.client
                        .post(call.path(), call.form("FROM scratch\n" + "#".repeat(9 << 20)))
                        .exchange()));
        SCENARIOS.add(
                "retryBuild 408 request-timeout",
                test -> test.stalled(TestClient.BUILDS + "/1/retry", "Content-Type: application/json"));
    }

    static Set<String> names() {
        return SCENARIOS.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void it_is_given(String name) throws Exception {
        SCENARIOS.provoke(name, this, url);
    }

    private static Tar tar() {
        return new Tar().file("Dockerfile", "FROM scratch\n");
    }

    private static void refusal(Door door, String code, byte[] archive) {
        SCENARIOS.add(
                door.answers("413 " + code),
                test -> test.client.post(door.path(), door.form(archive)).exchange());
    }

    private static Tar many(int entries) {
        Tar tar = tar();
        IntStream.range(0, entries).forEach(i -> tar.file("file" + i, ""));
        return tar;
    }

    /** Packed with a dictionary of 8 MiB, as xz does it by itself. */
    private static byte[] xz(byte[] archive) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(bytes, new LZMA2Options())) {
            xz.write(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A client that promises a body and sends nothing of it. */
    private Exchange stalled(String path, String type) throws IOException {
        try (RawClient raw = new RawClient(url.getPort())) {
            RawClient.Answer answer = raw.head(
                            "POST " + path + " HTTP/1.1", "Host: localhost", type, "Content-Length: 9")
                    .answer();
            return new Exchange("POST", URI.create(path).getPath(), answer.status(), answer.headers(), answer.body());
        }
    }
}
