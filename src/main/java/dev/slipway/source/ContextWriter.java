package dev.slipway.source;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;

/**
 * Writes an archive as a tree of files. Symbolic links come last, so while anything else is written there is no link
 * that a path could lead through; files and hard links between them come in the archive's order, because a hard link
 * means the file as it was at that point.
 */
final class ContextWriter {
    private static final int READABLE_FILE = 0600;
    private static final int READABLE_DIRECTORY = 0700;
    private static final int IMPLIED_DIRECTORY = 0755;
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ
    };

    /** Smaller files are written sooner than another thread is at it. */
    private static final long LARGE = 1 << 20;

    private final StoredStream archive;
    private final long large;
    private final ArchiveReader reader;
    private final ArchiveTree tree;
    private final Path into;
    private final FreeSpace space;
    private final ParallelCopies copies = new ParallelCopies();
    private final BitSet written = new BitSet();
    // Directories that a path only implies get the epoch, so that the same archive always gives the same tree.
    private long[] seconds = new long[64];
    private int[] nanos = new int[64];

    /** Writes into an empty directory what {@code reader} finds in {@code archive}. */
    ContextWriter(StoredStream archive, ArchiveReader reader, Path into, SourceLimits limits) throws IOException {
        this(archive, reader, into, limits, LARGE);
    }

    /** @param large from how many bytes on a file that is not compressed is copied by a thread of its own */
    ContextWriter(StoredStream archive, ArchiveReader reader, Path into, SourceLimits limits, long large)
            throws IOException {
        this.archive = archive;
        this.large = large;
        this.reader = reader;
        this.tree = reader.tree();
        this.into = into;
        this.space = new FreeSpace(into, limits);
        written.set(ArchiveTree.ROOT);
    }

    /** Writes all of it. */
    void write() throws IOException {
        try (copies) {
            for (ArchiveEntry entry = reader.next(); entry != null; entry = reader.next()) {
                write(entry);
            }
            copies.await();
            writeSymlinks();
            setDirectoryTimes();
        } catch (IOException e) {
            if (space.isFull(e)) {
                throw FreeSpace.full(e);
            }
            throw e;
        }
    }

    private void write(ArchiveEntry entry) throws IOException {
        int node = entry.node();
        switch (entry.kind()) {
            case DIRECTORY -> {
                remember(node, entry.modified());
                directory(node);
                if (node != ArchiveTree.ROOT) { // the root stays private
                    setMode(path(node), entry.mode() | READABLE_DIRECTORY);
                }
            }
            case FILE -> file(entry);
            case HARDLINK -> hardLink(entry);
            case SYMLINK -> remember(node, entry.modified());
        }
    }

    private void file(ArchiveEntry entry) throws IOException {
        Path file = newName(entry.node());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        setMode(file, entry.mode() | READABLE_FILE);
        long offset = entry.size() < large ? -1 : entry.content().offset();
        if (offset < 0) {
            fill(channel, file, entry, () -> entry.content().writeTo(channel, space));
        } else {
            copies.start(() -> fill(channel, file, entry, () -> archive.copy(offset, entry.size(), channel, space)));
        }
    }

    private static void fill(FileChannel channel, Path file, ArchiveEntry entry, ParallelCopies.Copy copy)
            throws IOException {
        try (channel) {
            copy.run();
        }
        setTime(file, fileTime(entry.modified()));
    }

    private void hardLink(ArchiveEntry entry) throws IOException {
        int target = entry.linkNode();
        if (tree.kind(target) == EntryKind.SYMLINK) {
            copyTime(target, entry.node());
        } else if (target != entry.node()) {
            Files.createLink(newName(entry.node()), path(target));
        }
    }

    // A second file of a name takes the place of the first; other names of the first keep it, as with tar.
    private Path newName(int node) throws IOException {
        directory(tree.parent(node));
        Path path = path(node);
        if (written.get(node)) {
            copies.await(); // whoever is at the first would set the time of the second
            Files.delete(path);
        }
        written.set(node);
        return path;
    }

    private void directory(int node) throws IOException {
        if (!written.get(node)) {
            directory(tree.parent(node));
            Path path = path(node);
            Files.createDirectory(path);
            setMode(path, IMPLIED_DIRECTORY);
            written.set(node);
        }
    }

    private void writeSymlinks() throws IOException {
        for (int node = 1; node < tree.size(); node++) {
            if (tree.kind(node) == EntryKind.SYMLINK) {
                directory(tree.parent(node));
            }
        }
        for (int node = 1; node < tree.size(); node++) {
            if (tree.kind(node) == EntryKind.SYMLINK) {
                Path link = path(node);
                SymbolicLinks.create(link, tree.linkTarget(node));
                setTime(link, time(node));
            }
        }
    }

    private void setDirectoryTimes() throws IOException {
        for (int node = tree.size() - 1; node >= 0; node--) {
            if (tree.kind(node) == EntryKind.DIRECTORY) {
                setTime(path(node), time(node));
            }
        }
    }

    private Path path(int node) {
        return into.resolve(tree.path(node));
    }

    private static void setMode(Path path, int mode) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BITS.length; bit++) {
            if ((mode & 1 << bit) != 0) {
                permissions.add(BITS[bit]);
            }
        }
        Files.setPosixFilePermissions(path, permissions);
    }

    private static void setTime(Path path, FileTime time) throws IOException {
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(time, null, null);
    }

    private void remember(int node, Instant time) {
        makeRoom(node);
        seconds[node] = time.getEpochSecond();
        nanos[node] = time.getNano();
    }

    private void copyTime(int from, int to) {
        makeRoom(Math.max(from, to));
        seconds[to] = seconds[from];
        nanos[to] = nanos[from];
    }

    private void makeRoom(int node) {
        if (node >= seconds.length) {
            int length = Math.max(node + 1, seconds.length * 2);
            seconds = Arrays.copyOf(seconds, length);
            nanos = Arrays.copyOf(nanos, length);
        }
    }

    private FileTime time(int node) {
        makeRoom(node);
        return fileTime(Instant.ofEpochSecond(seconds[node], nanos[node]));
    }

    // The JDK writes a fraction before 1970 as one the kernel refuses, and then the epoch instead.
    private static FileTime fileTime(Instant time) {
        return FileTime.from(time.getEpochSecond() < 0 ? time.truncatedTo(ChronoUnit.SECONDS) : time);
    }
}
