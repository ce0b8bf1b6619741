package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A source that is arriving: first its bytes ({@link #archive}, or {@link #dockerfile} and {@link #file}), then the
 * judgement ({@link #finish}), then {@link #keep}; closed before that, it leaves nothing. For one thread at a time.
 */
public final class SourceDraft implements Closeable {
    /** What every source takes, however small: the buffers it runs through. */
    private static final long BUFFERS = 128 * 1024;

    private final UUID id;
    private final Path directory;
    private final Path target;
    private final SourceLimits limits;
    private final FreeSpace space;
    private final MemoryShare memory;
    private final DockerfileTexts texts = new DockerfileTexts();
    private FileBundle bundle;
    private ArchiveTree tree;
    private long size;
    private String sha256;
    private boolean begun;
    private boolean finished;
    private boolean kept;

    SourceDraft(UUID id, Path directory, Path target, SourceLimits limits, MemoryBudget budget) throws IOException {
        this.id = id;
        this.directory = directory;
        this.target = target;
        this.limits = limits;
        this.space = new FreeSpace(directory.getParent(), limits);
        this.memory = new MemoryShare(budget);
        memory.take(BUFFERS);
        try {
            Files.createDirectory(directory, DirectoryTree.PRIVATE);
        } catch (IOException e) {
            memory.close();
            throw e;
        }
    }

    /** Counts what is kept in memory beside the source until this is closed: the fields that came with it. */
    public void remember(long bytes) {
        memory.take(bytes);
    }

    /** Refuses an archive by its size, which is known before it comes. */
    public void announce(long announced) {
        long most = limits.maxStored().asLongValue();
        if (announced > most) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_LARGE, "it is larger than the " + most + " bytes that are allowed");
        }
    }

    /**
     * Takes the archive to its end, and judges each entry as it comes. Throws at the first that is refused; reading the rest
     * of the body away is then the caller's. What {@code content} throws comes out as it is.
     */
    public void archive(InputStream content) throws IOException {
        if (begun || bundle != null) {
            throw new IllegalStateException("draft " + id + " has a source already");
        }
        begun = true;
        try (StoringStream stored =
                new StoringStream(content, sourceFile(), limits.maxStored().asLongValue(), space)) {
            tree = judge(stored);
            size = stored.size();
            sha256 = stored.sha256Hex();
            stored.sync();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (IOException e) {
            throw full(e);
        }
    }

    private ArchiveTree judge(InputStream archive) throws IOException {
        try (ArchiveReader reader = new ArchiveReader(archive, limits, memory)) {
            for (ArchiveEntry entry = reader.next(); entry != null; entry = reader.next()) {
                texts.offer(entry, reader.tree(), memory);
            }
            return reader.tree();
        }
    }

    /** Takes a Dockerfile's text, for a source that has no archive. */
    public void dockerfile(InputStream content) throws IOException {
        bundle().dockerfile(content);
    }

    /** Takes a file that goes with a Dockerfile; its name is a plain relative path. */
    public void file(String name, InputStream content) throws IOException {
        bundle().add(name, content);
    }

    private FileBundle bundle() {
        if (begun) {
            throw new IllegalStateException("draft " + id + " has a source already");
        }
        if (bundle == null) {
            bundle = new FileBundle(directory, limits, space, memory);
        }
        return bundle;
    }

    /**
     * Judges the whole: the context is there, the Dockerfile too, as a file or a link inside the source. A Dockerfile that
     * came alone is put where {@code layout} looks for it.
     */
    public StoredSource finish(Layout layout) throws IOException {
        SourceKind kind = bundle == null ? SourceKind.ARCHIVE : SourceKind.DOCKERFILE;
        if (bundle != null && !begun) {
            packBundle(layout);
        }
        if (tree == null) {
            throw new IllegalStateException("draft " + id + " has no source, or one that was refused");
        }
        DockerfileLocation location = DockerfileLocation.find(tree, layout);
        Dockerfile dockerfile = texts.dockerfile(location, tree, sourceFile(), limits, memory);
        finished = true;
        return new StoredSource(kind, size, sha256, dockerfile);
    }

    private void packBundle(Layout layout) throws IOException {
        String path = Stream.concat(layout.contextParts().stream(), layout.dockerfileCandidates().getFirst().stream())
                .collect(Collectors.joining("/"));
        Path packed = directory.resolve("packed");
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(packed, StandardOpenOption.CREATE_NEW), 1 << 16)) {
            bundle.writeTo(out, path);
        } catch (IOException e) {
            throw full(e);
        }
        bundle.delete();
        try (InputStream in = Files.newInputStream(packed)) {
            archiveOf(in);
        }
        Files.delete(packed);
    }

    // The same way in as any archive: one place that judges, counts and hashes.
    private void archiveOf(InputStream in) throws IOException {
        FileBundle packed = bundle;
        bundle = null;
        archive(in);
        bundle = packed;
    }

    /** Makes the source last: it is complete at its place, or not there. */
    public void keep() throws IOException {
        if (!finished || kept || Files.exists(target)) {
            throw new IllegalStateException("draft " + id + " is not finished, or was kept before");
        }
        Inventory.now(directory); // leaves the directory written just now: what idles is counted from here
        DirectoryTree.sync(directory);
        Files.move(directory, target, StandardCopyOption.ATOMIC_MOVE);
        kept = true;
        DirectoryTree.sync(target.getParent());
    }

    /** Removes everything, unless it was kept. */
    @Override
    public void close() throws IOException {
        memory.close();
        if (!kept) {
            DirectoryTree.delete(directory);
        }
    }

    private Path sourceFile() {
        return directory.resolve(Sources.SOURCE);
    }

    private IOException full(IOException failure) {
        if (space.isFull(failure)) {
            throw FreeSpace.full(failure);
        }
        return failure;
    }
}
