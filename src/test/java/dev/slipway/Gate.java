package dev.slipway;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where RUN steps wait until the test lets them go on: each connects, says its name, and reads until the gate opens. So
 * a test knows that a step runs, and for how long, without a clock.
 */
public final class Gate implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ServerSocket server;
    private final List<String> arrived = new ArrayList<>();
    private final List<Socket> waiting = new ArrayList<>();
    private boolean open;

    /** One that is shut. */
    public Gate() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("gate").start(this::accept);
    }

    /** The shell command of a step that waits here. */
    public String pass(String name) {
        return "echo " + name + " | /bin/busybox nc 127.0.0.1 " + server.getLocalPort();
    }

    /** Waits until so many steps have come, all told. */
    public void awaitArrivals(int count) {
        await().atMost(PATIENCE).until(() -> arrived().size() >= count);
    }

    /** The names of those who came, in order; who comes twice stands twice. */
    public synchronized List<String> arrived() {
        return List.copyOf(arrived);
    }

    /** Lets everybody go on, and whoever comes later too. */
    public synchronized void open() {
        open = true;
        waiting.forEach(Gate::release);
        waiting.clear();
    }

    /** Lets those who come from now on wait. */
    public synchronized void shut() {
        open = false;
    }

    /** Whether somebody waits. */
    public synchronized boolean isAnybodyWaiting() {
        return !waiting.isEmpty();
    }

    @Override
    public void close() throws IOException {
        open();
        server.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> welcome(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void welcome(Socket socket) {
        try {
            var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            admit(reader.readLine(), socket);
        } catch (IOException e) {
            release(socket);
        }
    }

    private synchronized void admit(String name, Socket socket) {
        arrived.add(name);
        if (open) {
            release(socket);
        } else {
            waiting.add(socket);
        }
    }

    private static void release(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // whoever waited there is gone
        }
    }
}
