package dev.slipway;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real PostgreSQL for tests, on a port and in a directory of its own, started once and stopped with the JVM. */
public class TestDatabase implements QuarkusTestResourceLifecycleManager {
    private static Map<String, String> settings;

    @Override
    public Map<String, String> start() {
        return running();
    }

    @Override
    public void stop() {
        // The next test's application uses it again; the shutdown hook stops it.
    }

    private static synchronized Map<String, String> running() {
        if (settings == null) {
            try {
                settings = startOnce();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return settings;
    }

    private static Map<String, String> startOnce() throws IOException {
        Path home = Files.createTempDirectory("slipway-test-database");
        unpack(home);
        Path data = home.resolve("data");
        Path bin = home.resolve("bin");
        int port = freePort();
        run(
                home,
                bin.resolve("initdb").toString(),
                "-D",
                data.toString(),
                "-U",
                "slipway",
                "-E",
                "UTF8",
                "--locale=C",
                "-A",
                "trust");
        String options = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -p " + port;
        String control = bin.resolve("pg_ctl").toString();
        run(
                home,
                control,
                "start",
                "-w",
                "-D",
                data.toString(),
                "-l",
                home.resolve("log").toString(),
                "-o",
                options);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            run(home, control, "stop", "-m", "immediate", "-D", data.toString());
            run(home.getParent(), "rm", "-rf", home.toString());
        }));
        String server = "postgresql://127.0.0.1:" + port + "/postgres";
        return Map.of(
                "quarkus.datasource.reactive.url",
                server,
                "quarkus.datasource.jdbc.url",
                "jdbc:" + server,
                "quarkus.datasource.username",
                "slipway",
                "quarkus.datasource.password",
                "slipway");
    }

    private static void unpack(Path home) throws IOException {
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        Path archive = home.resolve("postgres.txz");
        try (InputStream packed = TestDatabase.class.getResourceAsStream("/postgres-linux-" + machine + ".txz")) {
            Files.copy(packed, archive);
        }
        run(home, "tar", "-xJf", archive.toString());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void run(Path directory, String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(
                        "tried to run " + List.of(command) + " but it ended with " + process.exitValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
