package dev.slipway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A multipart form, its parts in the order in which they were added. */
public final class TestForm {
    private static final String BOUNDARY = "----slipway-test-0123456789";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Its content type. */
    public static String type() {
        return "multipart/form-data; boundary=" + BOUNDARY;
    }

    /** Adds a field. */
    public TestForm field(String name, String value) {
        return part("name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a file. */
    public TestForm file(String name, String filename, byte[] content) {
        return part(
                "name=\"" + name + "\"; filename=\"" + filename + "\"\r\nContent-Type: application/octet-stream",
                content);
    }

    /** Adds the source, as an archive. */
    public TestForm source(TestSource source) {
        return file("file", "source.tar", source.tar());
    }

    /** The body. */
    public byte[] body() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(bytes.toByteArray());
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }

    private TestForm part(String disposition, byte[] content) {
        bytes.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(content);
        bytes.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        return this;
    }
}
