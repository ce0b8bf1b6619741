package dev.slipway.source;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A random but ordinary tree on the disk: what a developer's directory may hold, hard links and holes included. */
final class RandomTree {
    private static final String[] NAMES = {
        "a",
        "b",
        "src",
        "-rf",
        ".hidden",
        "with space",
        "quote\"'",
        "caf\u00e9",
        "\u65e5\u672c\u8a9e",
        "back\\slash",
        "x=y",
        "%s",
        "*"
    };

    private final Random random;
    private final boolean shortNames;
    private final List<Path> directories = new ArrayList<>();
    private final List<Path> linkable = new ArrayList<>();
    private final List<Path> all = new ArrayList<>();

    /** Makes one in a directory that exists, with a Dockerfile; {@code shortNames} for formats that know no others. */
    RandomTree(Random random, Path root, boolean shortNames) throws Exception {
        this.random = random;
        this.shortNames = shortNames;
        directories.add(root);
        Files.writeString(root.resolve("Dockerfile"), "FROM scratch\n");
        all.add(root.resolve("Dockerfile"));
        for (int left = 5 + random.nextInt(25); left > 0; left--) {
            add(directories.get(random.nextInt(directories.size())));
        }
        for (Path each : all.reversed()) {
            decorate(each);
        }
    }

    /** All paths but the root, parents first. */
    List<Path> all() {
        return all;
    }

    private void add(Path directory) throws Exception {
        Path path = directory.resolve(name());
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0, 1 -> directories.add(Files.createDirectory(path));
            case 2 -> symlink(path);
            case 3 -> {
                if (linkable.isEmpty()) {
                    return;
                }
                Files.createLink(path, linkable.get(random.nextInt(linkable.size())));
            }
            case 4 -> linkable.add(sparse(path));
            default -> linkable.add(Files.write(path, content()));
        }
        all.add(path);
    }

    private String name() {
        if (!shortNames && random.nextInt(6) == 0) {
            return "long\u00fc".repeat(8 + random.nextInt(34));
        }
        String name = NAMES[random.nextInt(NAMES.length)];
        return random.nextBoolean() ? name : name + random.nextInt(100);
    }

    // By ln, because java.nio would take doubled and trailing slashes away.
    private void symlink(Path path) throws Exception {
        String[] targets = {
            ".", "..", "/etc/passwd", "a", "../src/", "src//a/", "./a/./b", "nowhere", "/", "//", "-n", " "
        };
        String target = !shortNames && random.nextInt(6) == 0 ? name() + "/" + "t".repeat(200) : pick(targets);
        new ProcessBuilder("ln", "-s", "--", target, path.toString())
                .inheritIO()
                .start()
                .waitFor(60, TimeUnit.SECONDS);
        linkable.add(path);
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }

    private byte[] content() {
        byte[] content = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(3000)];
        random.nextBytes(content);
        return content;
    }

    private Path sparse(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            for (int part = random.nextInt(40); part > 0; part--) {
                file.seek(4096L * random.nextInt(200));
                file.write(content());
            }
            if (random.nextBoolean()) {
                file.setLength(file.length() + random.nextInt(100_000));
            }
        }
        return path;
    }

    private void decorate(Path path) throws IOException {
        if (!Files.isSymbolicLink(path)) {
            boolean directory = Files.isDirectory(path);
            int mode = random.nextInt(01000) | (directory ? 0700 : 0400) | (random.nextInt(8) == 0 ? 06000 : 0);
            Files.setAttribute(path, "unix:mode", mode);
        }
        long seconds =
                !shortNames && random.nextInt(10) == 0 ? -random.nextInt(1_000_000_000) : random.nextInt() & 0x7fffffff;
        int nanos = seconds < 0 ? 0 : random.nextInt(1_000_000_000);
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(FileTime.from(Instant.ofEpochSecond(seconds, nanos)), null, null);
    }
}
