package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Single files that make up a source, until they become one tar: the same files give the same tar, in any order. */
final class FileBundle {
    /** What remembering a file takes beside its name. */
    private static final int ENTRY = 512;

    private final Path directory;
    private final SourceLimits limits;
    private final FreeSpace space;
    private final MemoryShare memory;
    private final Map<String, Path> files = new TreeMap<>();
    private Path dockerfile;
    private int count;
    private long size;

    FileBundle(Path directory, SourceLimits limits, FreeSpace space, MemoryShare memory) {
        this.directory = directory;
        this.limits = limits;
        this.space = space;
        this.memory = memory;
    }

    /** Takes the Dockerfile; where it belongs is said at the end. */
    void dockerfile(InputStream content) throws IOException {
        if (dockerfile != null) {
            throw new IllegalStateException("the Dockerfile came before");
        }
        dockerfile = spool(content);
    }

    /** Takes a file under a plain relative name. */
    void add(String name, InputStream content) throws IOException {
        String plain = plain(name);
        if (files.size() >= limits.maxEntries()) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_MANY_ENTRIES,
                    "it has more than the " + limits.maxEntries() + " files allowed");
        }
        if (files.containsKey(plain)) {
            throw twice(plain);
        }
        memory.take(ENTRY + 2L * plain.length());
        files.put(plain, spool(content));
    }

    private String plain(String name) {
        EntryName judged = EntryName.of(name.getBytes(StandardCharsets.UTF_8), Refusal.shown(name), limits);
        if (judged.parts().contains("..")) {
            throw Refusal.entry(ErrorCode.ARCHIVE_PATH_ESCAPE, name, "a file's name may not have '..' in it");
        }
        if (judged.meansDirectory()) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_NAME, name, "its name can only be a directory's");
        }
        return String.join("/", judged.parts());
    }

    private Path spool(InputStream content) throws IOException {
        Path file = directory.resolve("part-" + count++);
        long left = limits.maxStored().asLongValue() - size;
        try (StoringStream stored = new StoringStream(content, file, left, space)) {
            stored.transferTo(OutputStream.nullOutputStream());
            size += stored.size();
        }
        return file;
    }

    /** Writes the tar with the Dockerfile at its place. */
    void writeTo(OutputStream out, String dockerfilePath) throws IOException {
        if (dockerfile == null) {
            throw new IllegalStateException("the Dockerfile never came");
        }
        if (files.putIfAbsent(dockerfilePath, dockerfile) != null) {
            throw twice(dockerfilePath);
        }
        TarWriter writer = new TarWriter(out);
        for (Map.Entry<String, Path> file : files.entrySet()) {
            writer.file(file.getKey(), file.getValue());
        }
        writer.end();
    }

    /** Removes the parts. */
    void delete() throws IOException {
        for (int i = 0; i < count; i++) {
            Files.deleteIfExists(directory.resolve("part-" + i));
        }
    }

    private static SlipwayException twice(String name) {
        return SlipwayException.invalidField(
                "files", "tried to store the file '" + Refusal.shown(name) + "' but it was given twice");
    }
}
