package dev.slipway.database;

import dev.slipway.secret.PrivateFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** The port of the embedded server: the one it had last time where that is still free. */
final class ServerPort {
    /** Below the range the kernel gives to clients: one of those could sit on the port while the server restarts. */
    private static final int LOWEST = 22_000;

    private static final int HIGHEST = 24_000;
    private static final int TRIES = 100;

    private ServerPort() {}

    /** A port nobody listens on, remembered in {@code file}. */
    static int choose(Path file) {
        int port = remembered(file);
        for (int i = 0; i < TRIES && !isFree(port); i++) {
            port = RandomGenerator.getDefault().nextInt(LOWEST, HIGHEST);
        }
        if (!isFree(port)) {
            throw new StartupException("tried to find a port for the embedded PostgreSQL but " + TRIES + " between "
                    + LOWEST + " and " + HIGHEST + " are taken");
        }
        if (port != remembered(file)) {
            PrivateFile.write(file, Integer.toString(port));
        }
        return port;
    }

    private static int remembered(Path file) {
        try {
            return Files.exists(file) ? Integer.parseInt(PrivateFile.read(file)) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    static boolean isFree(int port) {
        if (port < 1024 || port > 65_535) {
            return false;
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
