package dev.slipway.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Where this process puts what is arriving: a directory of its own beside a file it keeps locked while it lives. A directory
 * whose lock nobody holds was left by a process that died, on this replica or another, and is removed.
 */
final class Incoming implements Closeable {
    private static final Logger LOG = Logger.getLogger(Incoming.class);
    private static final String LOCK = ".lock";
    // Closing a second channel on a file would give up this process's lock on it, so our own are never opened again.
    private static final Set<String> OWN = ConcurrentHashMap.newKeySet();

    private final Path parent;
    private final String owner = UUID.randomUUID().toString();
    private final FileChannel lock;

    Incoming(Path parent) throws IOException {
        this.parent = parent;
        Files.createDirectories(parent, DirectoryTree.PRIVATE);
        OWN.add(owner);
        lock = lockOwn();
        Files.createDirectory(directory(), DirectoryTree.PRIVATE);
    }

    // The lock comes before the directory: who finds a directory finds its lock held.
    private FileChannel lockOwn() throws IOException {
        FileChannel channel = open(parent.resolve(owner + LOCK), StandardOpenOption.CREATE_NEW);
        if (channel.tryLock() == null) {
            channel.close();
            throw new IOException("tried to lock a file in " + parent + " but somebody else has it");
        }
        return channel;
    }

    private static FileChannel open(Path file, StandardOpenOption... more) throws IOException {
        Set<StandardOpenOption> options = new HashSet<>(Set.of(more));
        options.add(StandardOpenOption.WRITE);
        return FileChannel.open(file, options, DirectoryTree.PRIVATE_FILE);
    }

    /** This process's directory. */
    Path directory() {
        return parent.resolve(owner);
    }

    /** Removes what dead processes left. */
    void removeAbandoned() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, Files::isDirectory)) {
            for (Path entry : entries) {
                if (!OWN.contains(entry.getFileName().toString())) {
                    removeIfAbandoned(entry);
                }
            }
        } catch (IOException e) {
            LOG.warnf(e, "tried to look for abandoned uploads in %s but could not read it", parent);
        }
    }

    private void removeIfAbandoned(Path directory) {
        Path lockFile = directory.resolveSibling(directory.getFileName() + LOCK);
        try (FileChannel channel = open(lockFile);
                FileLock held = channel.tryLock()) {
            if (held != null) {
                DirectoryTree.delete(directory);
                Files.deleteIfExists(lockFile);
            }
        } catch (NoSuchFileException e) {
            if (Files.exists(directory)) { // else its process has just ended
                LOG.warnf("found %s without its lock file and left it alone", directory);
            }
        } catch (OverlappingFileLockException e) {
            LOG.debugf("%s belongs to this process", directory);
        } catch (IOException e) {
            LOG.warnf(e, "tried to remove the abandoned upload %s but could not", directory);
        }
    }

    /** Gives up the directory and what is in it. */
    @Override
    public void close() throws IOException {
        try {
            DirectoryTree.delete(directory());
            Files.deleteIfExists(parent.resolve(owner + LOCK));
        } finally {
            lock.close();
            OWN.remove(owner);
        }
    }
}
