package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of those who follow or read a log when the service ends. */
@Timeout(180)
class FollowersIT {
    private Path directory;
    private ServiceProcess service;

    /** Without workers the build waits for ever; a grace that were used up would outlast the test's patience. */
    @BeforeEach
    void prepare() throws IOException {
        directory = Files.createTempDirectory("slipway-it-");
        service = new ServiceProcess(
                directory,
                Map.of(
                        "slipway.worker.slots",
                        "0",
                        "slipway.worker.shutdown-grace",
                        "PT10M",
                        "slipway.http.shutdown-grace",
                        "PT10M",
                        "slipway.registry.default-host",
                        "registry.invalid"));
    }

    @AfterEach
    void nothing_is_left() {
        service.close();
        try {
            Traces.awaitNone(directory);
        } finally {
            TestFiles.delete(directory);
        }
    }

    @Test
    void their_answers_end_in_good_order_and_none_of_them_sees_the_end_of_the_build() throws IOException {
        service.start().awaitStatus("/q/health/live", 200);
        String logs = "/api/v1/builds/" + TestBuilds.submit(service, "waits", "true") + "/logs";
        try (EventStream events = new EventStream(URI.create(service.url() + logs));
                Socket text = follow(logs + "?follow=true", "text/plain");
                Socket lines = follow(logs + "?follow=true", "application/x-ndjson")) {
            assertThat(service.terminate()).isEqualTo(143);

            assertThat(events.rest()).noneMatch(event -> event.name().equals("end"));
            assertThat(answer(text)).startsWith("HTTP/1.1 200").endsWith("\r\n0\r\n\r\n");
            assertThat(answer(lines)).startsWith("HTTP/1.1 200").endsWith("\r\n0\r\n\r\n");
        }
        assertThat(service.said()).contains("slipway stopped").doesNotContain("ERROR");
    }

    @Test
    void one_who_takes_nothing_holds_up_nothing() throws IOException {
        service.set("slipway.worker.slots", "1")
                .set("slipway.worker.shutdown-grace", "PT1S")
                .set("slipway.http.shutdown-grace", "PT3S")
                .start()
                .awaitReady();
        int lines = 100_000;
        String id = TestBuilds.submit(
                service,
                "prints",
                "/bin/busybox yes " + "x".repeat(80) + " | /bin/busybox head -n " + lines + "; /bin/busybox sleep 600");
        String logs = "/api/v1/builds/" + id + "/logs";
        try (Socket stalled = follow(logs, "text/event-stream");
                EventStream events = new EventStream(URI.create(service.url() + logs))) {
            assertThat(events.next(lines)).hasSize(lines);
            try (Socket reader = follow(logs, "text/plain")) {
                assertThat(service.terminate()).isEqualTo(143);

                assertThat(answer(stalled)).startsWith("HTTP/1.1 200").doesNotContain("id: " + lines);
                assertThat(answer(reader)).startsWith("HTTP/1.1 200").doesNotEndWith("\r\n0\r\n\r\n");
            }
        }
        assertThat(service.said()).contains("slipway stopped").doesNotContain("ERROR");
    }

    private Socket follow(String path, String accept) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", service.port()));
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nAccept: " + accept + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).as("the head has come").isEqualTo('H');
        return socket;
    }

    private static String answer(Socket socket) throws IOException {
        return "H" + new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}
