package dev.slipway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A source tree in memory, to be handed in as an archive. Its images start from nothing, so builds need no network. */
public final class TestSource {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final int EXECUTABLE = 0100755;

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Map<String, String> links = new LinkedHashMap<>();
    private boolean shell;
    private String comment;

    /** The smallest image: one file that holds the text. */
    public static TestSource holding(String text) {
        return new TestSource()
                .file("Dockerfile", "FROM scratch\nCOPY text /text\n")
                .file("text", text);
    }

    /** An image with a shell in which RUN works; the instructions follow. */
    public static TestSource running(String instructions) {
        TestSource source = new TestSource().file("Dockerfile", "FROM scratch\nCOPY bin /bin\n" + instructions + "\n");
        source.shell = true;
        return source;
    }

    /** Adds a file. */
    public TestSource file(String name, String content) {
        files.put(name, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds a symbolic link. */
    public TestSource link(String name, String target) {
        links.put(name, target);
        return this;
    }

    /** Adds a directory; its name ends with a slash. */
    public TestSource directory(String name) {
        return file(name, "");
    }

    /** Puts a comment before everything. */
    public TestSource comment(String text) {
        comment = text;
        return this;
    }

    /** The tree as a plain tar. */
    public byte[] tar() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            if (comment != null) {
                TarArchiveEntry header =
                        new TarArchiveEntry("pax_global_header", TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER);
                header.addPaxHeader("comment", comment);
                tar.putArchiveEntry(header);
            }
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                put(tar, new TarArchiveEntry(file.getKey()), file.getValue());
            }
            if (shell) {
                TarArchiveEntry busybox = new TarArchiveEntry("bin/busybox");
                busybox.setMode(EXECUTABLE);
                put(tar, busybox, Files.readAllBytes(BUSYBOX));
                putLink(tar, "bin/sh", "busybox");
            }
            for (Map.Entry<String, String> link : links.entrySet()) {
                putLink(tar, link.getKey(), link.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The tree as a tar in gzip. */
    public byte[] tgz() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(tar());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void putLink(TarArchiveOutputStream tar, String name, String target) throws IOException {
        TarArchiveEntry link = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        link.setLinkName(target);
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
    }

    private static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, byte[] content) throws IOException {
        entry.setModTime(0);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
