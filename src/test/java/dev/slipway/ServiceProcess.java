package dev.slipway;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;

/**
 * The packaged service as a child process with a data directory, a port and an output of its own. It can be started
 * again after it ended, on the same data. Closing kills it.
 */
final class ServiceProcess implements AutoCloseable {
    static final Duration START = Duration.ofSeconds(60);
    static final Duration STOP = Duration.ofSeconds(60);

    private final Path directory;
    private final int port = freePort();
    private final Map<String, String> environment = new TreeMap<>();
    /** env: in the background of a script the tests ignore SIGINT, and so would what they start. */
    private List<String> launcher = List.of("setsid", "env", "--default-signal");

    private Process process;

    /** One that keeps everything it has in a directory; {@code settings} by the names of the README's table. */
    ServiceProcess(Path directory, Map<String, String> settings) {
        this.directory = directory;
        environment.put("PATH", "/usr/bin:/bin");
        environment.put("LC_ALL", "C.UTF-8");
        set("slipway.data", data().toString());
        set("slipway.http.port", Integer.toString(port));
        set("slipway.buildah.network", "host"); // steps wait at a Gate, which is on loopback
        settings.forEach(this::set);
    }

    /** Changes a setting for the next start. */
    ServiceProcess set(String name, String value) {
        environment.put(name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"), value);
        return this;
    }

    /** Starts it by another program than setsid, which has to become the service, not to be its parent. */
    ServiceProcess launchedBy(String... program) {
        launcher = List.of(program);
        return this;
    }

    /** Starts it, in a session of its own as a terminal would have it, so that its group can be signalled. */
    ServiceProcess start() {
        List<String> argv = new ArrayList<>(launcher);
        argv.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        // most of them live for seconds: what the second compiler takes from others they never get back
        argv.addAll(List.of("-XX:TieredStopAtLevel=1", "-jar", System.getProperty("slipway.jar")));
        ProcessBuilder builder = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(directory);
            process = builder.start();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it is ready to build. */
    ServiceProcess awaitReady() {
        return awaitStatus("/q/health/ready", 200);
    }

    /** Waits until one of its addresses answers so. */
    ServiceProcess awaitStatus(String path, int status) {
        try {
            await().atMost(START)
                    .ignoreExceptions()
                    .failFast("the service ended", () -> !isAlive())
                    .until(() -> given().baseUri(url()).get(path).statusCode() == status);
        } catch (ConditionTimeoutException | TerminalFailureException e) {
            String state = isAlive() ? "runs" : "ended with " + process.exitValue();
            throw new AssertionError(
                    "no " + status + " from " + path + "; the service " + state + " and said:\n" + said(), e);
        }
        return this;
    }

    /** Kills it and nothing else, as {@code kill -9} does, and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Tells it to end, and waits until it has. */
    int terminate() {
        process.destroy();
        return awaitExit(STOP);
    }

    /** Waits until it has ended by itself. */
    int awaitExit(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the service did not end within " + patience + "; it said:\n" + said());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends it a signal, by its name without SIG. */
    void signal(String name) {
        run("kill", "-" + name, Long.toString(pid()));
    }

    /** Sends another process a signal. */
    static void signal(String name, String pid) {
        run("kill", "-" + name, pid);
    }

    /** Sends its whole process group a signal, as a terminal does. */
    void signalGroup(String name) {
        run("kill", "-" + name, "--", "-" + pid());
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    int port() {
        return port;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    Path data() {
        return directory.resolve("data");
    }

    /** All it has printed, over all starts. */
    String said() {
        try {
            return Files.readString(directory.resolve("output"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }

    private static void run(String... argv) {
        try {
            int exit = new ProcessBuilder(argv).inheritIO().start().waitFor();
            if (exit != 0) {
                throw new AssertionError(String.join(" ", argv) + " ended with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
