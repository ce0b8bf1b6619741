package dev.slipway.source;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tar of a random tree in random dialects, and the tree that has to come out of it: every way that v7, ustar, PAX and GNU
 * know to write a name, a number, a link, a hole is used somewhere.
 */
final class RandomTar {
    private static final String[] NAMES = {
        "a",
        "b",
        "c",
        "src",
        "lib",
        "-rf",
        "...",
        "with space",
        "caf\u00e9",
        "\u65e5\u672c",
        "\ud83d\ude00",
        "back\\slash",
        "x=y",
        "BZh9",
        "quote\"'",
        "n".repeat(90),
        "\u00fc".repeat(120),
        "m".repeat(255)
    };

    private enum Dialect {
        V7,
        USTAR,
        GNU,
        PAX
    }

    private static final class Node {
        private EntryKind kind;
        private int mode;
        private Instant modified;
        private byte[] content = {};
        private String target;
    }

    private final Random random;
    private final Tar tar = new Tar();
    private final NavigableMap<String, Node> tree = new TreeMap<>();
    private final List<Integer> headers = new ArrayList<>();
    private final List<String> linkTargets;

    /** Makes one of about so many entries; some symbolic links point to {@code linkTargets}. */
    RandomTar(Random random, int entries, List<String> linkTargets) {
        this.random = random;
        this.linkTargets = linkTargets;
        int dockerfileAt = random.nextInt(entries);
        for (int i = 0; i < entries; i++) {
            if (i == dockerfileAt) {
                file("Dockerfile", "FROM scratch\n".getBytes(StandardCharsets.UTF_8));
            } else {
                anyEntry();
            }
        }
    }

    /** The bytes, without an end mark. */
    byte[] body() {
        return tar.bytes();
    }

    /** The bytes with an end mark and some padding. */
    byte[] bytes() {
        byte[] body = tar.bytes();
        int padding = random.nextBoolean() ? -(body.length + 1024) & 10239 : random.nextInt(3000);
        return Arrays.copyOf(body, body.length + 1024 + padding);
    }

    /** Where its header blocks begin. */
    List<Integer> headers() {
        return headers;
    }

    /** The tree that has to come out. */
    SortedMap<String, String> tree() {
        TreeListing listing = new TreeListing();
        tree.forEach((path, node) -> {
            Instant time =
                    node.modified.getEpochSecond() < 0 ? node.modified.truncatedTo(ChronoUnit.SECONDS) : node.modified;
            switch (node.kind) {
                case DIRECTORY -> listing.directory(path, node.mode | 0700, time);
                case SYMLINK -> listing.symlink(path, time, node.target);
                default -> listing.file(path, node.mode | 0600, time, node.content, node);
            }
        });
        return listing.lines();
    }

    private void anyEntry() {
        switch (random.nextInt(9)) {
            case 0, 1 -> directory();
            case 2, 3 -> symlink();
            case 4, 5 -> hardlink();
            default -> file(name(EntryKind.FILE), content());
        }
    }

    private void directory() {
        String path = name(EntryKind.DIRECTORY);
        Node node = node(EntryKind.DIRECTORY);
        tree.put(path, node);
        boolean old = random.nextInt(4) == 0;
        emit(old ? '0' : '5', spelled(path) + (old || random.nextBoolean() ? "/" : ""), null, node);
    }

    private void file(String path, byte[] content) {
        Node node = node(EntryKind.FILE);
        node.content = content;
        tree.put(path, node);
        emit("\00007".charAt(random.nextInt(3)), spelled(path), null, node);
    }

    private void symlink() {
        String path = name(EntryKind.SYMLINK);
        Node node = node(EntryKind.SYMLINK);
        node.target = random.nextInt(3) == 0 && !linkTargets.isEmpty()
                ? linkTargets.get(random.nextInt(linkTargets.size()))
                : "../".repeat(random.nextInt(3)) + NAMES[random.nextInt(NAMES.length)];
        tree.put(path, node);
        emit('2', spelled(path), node.target, node);
    }

    private void hardlink() {
        List<String> linkable = tree.keySet().stream()
                .filter(path -> tree.get(path).kind != EntryKind.DIRECTORY)
                .toList();
        if (linkable.isEmpty()) {
            return;
        }
        String target = linkable.get(random.nextInt(linkable.size()));
        Node node = tree.get(target);
        String path = random.nextInt(10) == 0 ? target : name(node.kind);
        tree.put(path, node);
        Node ignored = node(EntryKind.HARDLINK);
        emit('1', spelled(path), spelled(target), ignored);
    }

    private Node node(EntryKind kind) {
        Node node = new Node();
        node.kind = kind;
        node.mode = random.nextInt(01000);
        long seconds = random.nextInt(4) == 0 ? -random.nextInt(2_000_000_000) : random.nextInt() & 0xffffffffL;
        node.modified = Instant.ofEpochSecond(seconds, random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
        return node;
    }

    /** The path of a new entry, or now and then of an earlier one of the same kind. */
    private String name(EntryKind kind) {
        List<String> same = tree.keySet().stream()
                .filter(path -> tree.get(path).kind == kind && !path.equals("Dockerfile"))
                .toList();
        if (!same.isEmpty() && random.nextInt(5) == 0) {
            return same.get(random.nextInt(same.size()));
        }
        List<String> directories = tree.keySet().stream()
                .filter(path -> tree.get(path).kind == EntryKind.DIRECTORY && bytes(path) < 1500)
                .toList();
        String path = directories.isEmpty() || random.nextInt(3) == 0
                ? ""
                : directories.get(random.nextInt(directories.size())) + "/";
        for (int more = random.nextInt(8) == 0 ? 2 : 0; more > 0; more--) {
            path = withParents(path + fresh(path)) + "/";
        }
        return path + fresh(path);
    }

    private String fresh(String directory) {
        String name = NAMES[random.nextInt(NAMES.length)];
        while (tree.containsKey(directory + name)) {
            name = "f" + random.nextInt(100_000);
        }
        return name;
    }

    private String withParents(String directory) {
        Node implied = node(EntryKind.DIRECTORY);
        implied.mode = 0755;
        implied.modified = Instant.EPOCH;
        tree.putIfAbsent(directory, implied);
        return directory;
    }

    private String spelled(String path) {
        return switch (random.nextInt(8)) {
            case 0 -> "./" + path;
            case 1 -> path.replaceFirst("/", "//");
            case 2 -> path.replaceFirst("/", "/./");
            case 3 -> "nowhere/../" + path;
            default -> path;
        };
    }

    private byte[] content() {
        byte[] content = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(random.nextBoolean() ? 100 : 20_000)];
        for (int at = random.nextInt(600); at < content.length; at += 1 + random.nextInt(1500)) {
            int end = Math.min(content.length, at + random.nextInt(700));
            while (at < end) {
                content[at++] = (byte) random.nextInt(256);
            }
        }
        return content;
    }

    private void emit(char type, String name, String link, Node node) {
        new Emission(name, link, node).write(type);
    }

    /** One entry on its way out: its header, and the records in front of it. */
    private final class Emission {
        private final Dialect dialect;
        private final String name;
        private final String link;
        private final Node node;
        private final ByteArrayOutputStream records = new ByteArrayOutputStream();
        private final List<Runnable> before = new ArrayList<>();
        private final List<byte[]> mapBlocks = new ArrayList<>();

        Emission(String name, String link, Node node) {
            this.name = name;
            this.link = link;
            this.node = node;
            Dialect any = Dialect.values()[random.nextInt(4)];
            boolean fits = bytes(name) <= 100 && (link == null || bytes(link) <= 100) && node.modified.getNano() == 0;
            dialect = fits || any == Dialect.GNU && node.modified.getNano() == 0 ? any : Dialect.PAX;
        }

        void write(char type) {
            Tar.Header header = Tar.header(headerName(), type);
            splitName(header);
            if (link != null) {
                header.text(157, headerLink());
            }
            switch (dialect) {
                case V7 -> header.v7();
                case GNU -> header.gnu();
                default -> header.text(257, "ustar\0" + "00");
            }
            header.mode(node.mode | (random.nextBoolean() ? 0 : 0100000 | random.nextInt(8) << 9));
            time(header);
            byte[] stored = node.kind == EntryKind.FILE ? stored(header) : new byte[0];
            number(header, 124, stored.length);
            if (dialect == Dialect.PAX) {
                decorate(stored.length);
            }
            flush();
            headers.add(tar.size());
            tar.raw(header.bytes());
            mapBlocks.forEach(tar::raw);
            tar.raw(stored).raw(new byte[-stored.length & 511]);
        }

        private String headerName() {
            if (dialect == Dialect.GNU && (bytes(name) > 100 || random.nextInt(6) == 0)) {
                before.add(() -> tar.longName('L', name));
                return "../../overruled";
            }
            if (dialect == Dialect.PAX && (!isSplittable() || random.nextInt(6) == 0)) {
                record("path", name);
                return "/overruled";
            }
            return name;
        }

        private boolean isSplittable() {
            return bytes(name) <= 100 || slash() > 0;
        }

        // The last slash that leaves at most 155 bytes before it and 100 behind.
        private int slash() {
            for (int at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
                int behind = bytes(name.substring(at + 1));
                if (bytes(name.substring(0, at)) <= 155 && behind > 0 && behind <= 100) {
                    return at;
                }
            }
            return -1;
        }

        private void splitName(Tar.Header header) {
            boolean inHeader = records.size() == 0 && before.isEmpty();
            if (inHeader && bytes(name) > 100) {
                header.put(0, new byte[100])
                        .text(0, name.substring(slash() + 1))
                        .text(345, name.substring(0, slash()));
            }
        }

        private String headerLink() {
            if (dialect == Dialect.GNU && (bytes(link) > 100 || random.nextInt(6) == 0)) {
                before.add(() -> tar.longName('K', link));
                return "../../overruled";
            }
            if (dialect == Dialect.PAX && (bytes(link) > 100 || random.nextInt(6) == 0)) {
                record("linkpath", link);
                return "";
            }
            return link;
        }

        private void time(Tar.Header header) {
            long seconds = node.modified.getEpochSecond();
            if (node.modified.getNano() != 0 || dialect == Dialect.PAX && random.nextBoolean()) {
                BigDecimal time = BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(node.modified.getNano(), 9));
                record("mtime", time.stripTrailingZeros().toPlainString());
                number(header, 136, random.nextInt(1000));
            } else {
                number(header, 136, seconds);
            }
        }

        private void decorate(long size) {
            if (random.nextInt(4) == 0) {
                record("size", String.valueOf(size));
            }
            if (random.nextInt(3) == 0) {
                record("uid", "4294967296");
                record("uname", "n\u00f6body");
                record("atime", "1.5");
                record("SCHILY.xattr.user.odd", "\0\n=\u00ff");
                record("comment", "");
            }
            if (random.nextInt(10) == 0) {
                before.add(() -> tar.meta('g', "comment=git writes these"));
            }
        }

        private byte[] stored(Tar.Header header) {
            boolean old = dialect == Dialect.GNU;
            if (random.nextInt(3) != 0 || !old && dialect != Dialect.PAX || node.content.length == 0) {
                return node.content;
            }
            List<long[]> parts = parts();
            int form = random.nextInt(3);
            ByteArrayOutputStream stored = new ByteArrayOutputStream();
            if (old) {
                mapBlocks.addAll(gnuMap(header, parts));
            } else {
                stored.writeBytes(paxMap(form, parts));
            }
            parts.forEach(part -> stored.write(node.content, (int) part[0], (int) part[1]));
            return stored.toByteArray();
        }

        /** Parts that hold all that is not zero, some of them needlessly cut or empty. */
        private List<long[]> parts() {
            List<long[]> parts = new ArrayList<>();
            int at = 0;
            while (at < node.content.length) {
                while (at < node.content.length && node.content[at] == 0) {
                    at++;
                }
                int from = at;
                int most = from + 1 + random.nextInt(2000);
                while (at < node.content.length && at < most && node.content[at] != 0) {
                    at++;
                }
                if (at > 0) {
                    parts.add(new long[] {from, at - from});
                }
            }
            return parts;
        }

        private List<byte[]> gnuMap(Tar.Header header, List<long[]> parts) {
            header.put(156, new byte[] {'S'});
            number(header, 483, node.content.length);
            header.put(482, new byte[] {(byte) (parts.size() > 4 ? 1 : 0)});
            for (int i = 0; i < Math.min(4, parts.size()); i++) {
                number(header, 386 + 24 * i, parts.get(i)[0]);
                number(header, 398 + 24 * i, parts.get(i)[1]);
            }
            List<byte[]> blocks = new ArrayList<>();
            for (int from = 4; from < parts.size(); from += 21) {
                byte[] block = new byte[512];
                for (int i = from; i < Math.min(from + 21, parts.size()); i++) {
                    byte[] offset = RandomTar.this.number(parts.get(i)[0]);
                    byte[] length = RandomTar.this.number(parts.get(i)[1]);
                    System.arraycopy(offset, 0, block, 24 * (i - from), 12);
                    System.arraycopy(length, 0, block, 24 * (i - from) + 12, 12);
                }
                block[504] = (byte) (from + 21 < parts.size() ? 1 : 0);
                blocks.add(block);
            }
            return blocks;
        }

        private byte[] paxMap(int form, List<long[]> parts) {
            List<Long> numbers =
                    parts.stream().flatMap(part -> Arrays.stream(part).boxed()).toList();
            String size = String.valueOf(node.content.length);
            switch (form) {
                case 0 -> {
                    record("GNU.sparse.size", size);
                    record("GNU.sparse.numblocks", String.valueOf(parts.size()));
                    parts.forEach(part -> {
                        record("GNU.sparse.offset", String.valueOf(part[0]));
                        record("GNU.sparse.numbytes", String.valueOf(part[1]));
                    });
                }
                case 1 -> {
                    record("GNU.sparse.name", name);
                    record("GNU.sparse.size", size);
                    record(
                            "GNU.sparse.map",
                            String.join(
                                    ",", numbers.stream().map(String::valueOf).toList()));
                }
                default -> {
                    record("GNU.sparse.major", "1");
                    record("GNU.sparse.minor", "0");
                    record("GNU.sparse.name", name);
                    record("GNU.sparse.realsize", size);
                    StringBuilder map = new StringBuilder(parts.size() + "\n");
                    numbers.forEach(number -> map.append(number).append('\n'));
                    byte[] bytes = map.toString().getBytes(StandardCharsets.US_ASCII);
                    return Arrays.copyOf(bytes, bytes.length + 511 & ~511);
                }
            }
            return new byte[0];
        }

        private void record(String key, String value) {
            byte[] text = (key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
            int rest = text.length + 1;
            int length = rest + String.valueOf(rest).length();
            length = rest + String.valueOf(length).length();
            records.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
            records.writeBytes(text);
        }

        private void flush() {
            if (records.size() > 0) {
                byte[] all = records.toByteArray();
                before.add(() -> tar.entry(Tar.header("PaxHeaders/x", 'x').size(all.length), all));
            }
            Collections.shuffle(before, random);
            before.forEach(each -> {
                headers.add(tar.size());
                each.run();
            });
        }
    }

    private void number(Tar.Header header, int offset, long number) {
        header.put(offset, number(number));
    }

    /** A number in twelve bytes: octal in some fashion where that is possible, else base 256. */
    private byte[] number(long number) {
        boolean octal = number >= 0 && number < 1L << 33 && random.nextInt(5) != 0;
        if (octal) {
            String[] forms = {"%011o\0", "%011o ", "%12o", "%10o \0"};
            String text = String.format(forms[random.nextInt(number < 1L << 30 ? 4 : 2)], number);
            return text.getBytes(StandardCharsets.US_ASCII);
        }
        byte[] field = new byte[12];
        for (int i = 11; i > 3; i--) {
            field[i] = (byte) (number >> 8 * (11 - i));
        }
        Arrays.fill(field, 0, 4, (byte) (number < 0 ? -1 : 0));
        field[0] |= (byte) 0x80;
        return field;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
