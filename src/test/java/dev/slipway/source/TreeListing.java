package dev.slipway.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A tree of files as tests compare it: for every path a line, links not followed, names of one file told. */
final class TreeListing {
    private final SortedMap<String, String> lines = new TreeMap<>();
    private final Map<Object, String> firstNames = new HashMap<>();

    /** The tree in a directory, without the directory itself. */
    static SortedMap<String, String> of(Path directory) {
        TreeListing listing = new TreeListing();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all.sorted()::iterator) {
                if (!path.equals(directory)) {
                    listing.add(directory.relativize(path).toString(), path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return listing.lines;
    }

    private void add(String name, Path path) throws IOException {
        Map<String, Object> unix = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
        Instant modified = ((FileTime) unix.get("lastModifiedTime")).toInstant();
        int mode = (Integer) unix.get("mode");
        if ((Boolean) unix.get("isSymbolicLink")) {
            symlink(name, modified, Files.readSymbolicLink(path).toString());
        } else if ((Boolean) unix.get("isDirectory")) {
            directory(name, mode & 07777, modified);
        } else if ((Boolean) unix.get("isRegularFile")) {
            file(name, mode & 07777, modified, Files.readAllBytes(path), unix.get("ino"));
        } else {
            lines.put(name, "something else");
        }
    }

    void directory(String name, int mode, Instant modified) {
        lines.put(name, String.format("directory %o %s", mode, modified));
    }

    void symlink(String name, Instant modified, String target) {
        lines.put(name, "link " + modified + " -> " + target);
    }

    /** A file; files of the same identity are one. Names have to come in order. */
    void file(String name, int mode, Instant modified, byte[] content, Object identity) {
        String first = firstNames.computeIfAbsent(identity, any -> name);
        lines.put(name, String.format("file %o %s %d %s = %s", mode, modified, content.length, hash(content), first));
    }

    SortedMap<String, String> lines() {
        return lines;
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
