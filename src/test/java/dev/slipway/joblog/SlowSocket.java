package dev.slipway.joblog;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that takes from its socket only what it is told to, and whose system takes little ahead of it. */
final class SlowSocket implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 4096;

    private final Socket socket = new Socket();
    private final BufferedReader lines;

    /** Asks by HTTP/1.0: the answer has no chunks and ends with the connection. */
    SlowSocket(URI base, String path, String accept) throws IOException {
        this(base, path, accept, "HTTP/1.0");
    }

    /** Asks by a version of HTTP; the chunks of 1.1 are shown as they come, an empty one at the end of what is complete. */
    SlowSocket(URI base, String path, String accept, String version) throws IOException {
        socket.setReceiveBufferSize(RECEIVE_BUFFER);
        socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
        String head =
                "GET " + path + " " + version + "\r\nHost: x\r\nConnection: close\r\nAccept: " + accept + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The next line; null at the end. */
    String line() throws IOException {
        return lines.readLine();
    }

    /** Reads up to and with a line that begins so. */
    void awaitLine(String begin) throws IOException {
        String line = line();
        while (line != null && !line.startsWith(begin)) {
            line = line();
        }
        if (line == null) {
            throw new IOException("the answer ended before a line that begins with " + begin);
        }
    }

    /** What stands behind the prefix in all lines that are left and have it. */
    List<String> rest(String prefix) throws IOException {
        List<String> found = new ArrayList<>();
        for (String line = line(); line != null; line = line()) {
            if (line.startsWith(prefix)) {
                found.add(line.substring(prefix.length()));
            }
        }
        return found;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
