package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** An upload that stops in its middle and keeps its connection open; it notes what it is answered. */
final class StalledUpload implements AutoCloseable {
    private static final String FORM = "--b\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nstalled\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";

    private final Socket socket = new Socket();
    private volatile String answer = "";
    private volatile boolean sent;

    /** Sends so much of an archive, as a form or as the body itself, and promises more. */
    StalledUpload(int port, byte[] archive, int length, boolean form) throws IOException {
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        String start = form
                ? head("/api/v1/builds", "Content-Type: multipart/form-data; boundary=b\r\n") + FORM
                : head("/api/v1/builds?image=stalled", "");
        Thread.startVirtualThread(() -> send(start, archive, length));
        Thread.startVirtualThread(this::listen);
    }

    private static String head(String path, String type) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + type + "Content-Length: 100000000\r\n\r\n";
    }

    private void send(String start, byte[] archive, int length) {
        try {
            socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(archive, 0, Math.min(length, archive.length * 2 / 3));
            sent = true;
        } catch (IOException e) {
            // it was refused, or the test closed it
        }
    }

    private void listen() {
        byte[] bytes = new byte[4096];
        try {
            for (int n = socket.getInputStream().read(bytes);
                    n >= 0;
                    n = socket.getInputStream().read(bytes)) {
                answer += new String(bytes, 0, n, StandardCharsets.US_ASCII);
            }
        } catch (IOException e) {
            // the test closed it
        }
    }

    /** Whether the service took all that was to be sent. */
    boolean isSent() {
        return sent;
    }

    /** What came back, the head included; empty while nothing has. */
    String answer() {
        return answer;
    }

    /** Ends with a reset, as a crashed client does. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends in order. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
