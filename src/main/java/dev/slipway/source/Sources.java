package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.MemorySize;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;

/** The sources of all builds that still have one, in a directory that several replicas may share. */
@Startup
@ApplicationScoped
public class Sources {
    static final String SOURCE = "source";
    private static final String STAGE = "stage";
    private static final Logger LOG = Logger.getLogger(Sources.class);

    private final SourceLimits limits;
    private final Path directory;
    private final Incoming incoming;
    private final MemoryBudget memory;
    private final OwnerMark owner;

    Sources(SourceLimits limits) throws IOException {
        SourceLimits.check(limits);
        this.limits = limits;
        directory = limits.directory().toAbsolutePath().normalize();
        Files.createDirectories(directory, DirectoryTree.PRIVATE);
        memory = new MemoryBudget(
                limits.memoryTotal()
                        .map(MemorySize::asLongValue)
                        .orElse(Runtime.getRuntime().maxMemory() / 2),
                limits.memoryWait());
        incoming = new Incoming(directory.resolve(".incoming"));
        incoming.removeAbandoned();
        owner = new OwnerMark(directory);
        warnOfLocale();
    }

    private static void warnOfLocale() {
        try {
            Path.of("\u00fc");
        } catch (InvalidPathException e) {
            LOG.warn("the locale cannot express all file names, so sources that have such names will fail to unpack;"
                    + " start the service with LC_ALL=C.UTF-8");
        }
    }

    /** Where sources are. */
    public Path directory() {
        return directory;
    }

    /**
     * Whether the directory is this database's. Where it was nobody's, it is from now on; where it is another's, nobody
     * may judge by this database what can go.
     */
    public boolean belongTo(UUID database) throws IOException {
        return owner.claim(database);
    }

    /** The file that says whose the directory is. */
    public Path ownerMark() {
        return owner.file();
    }

    /** All that are here, their stages included. */
    public List<KeptSource> kept() throws IOException {
        return new Inventory(directory, Inventory.now(incoming.directory())).list();
    }

    /** The bytes of the disk that the directory is on. */
    public long diskSize() throws IOException {
        return Files.getFileStore(directory).getTotalSpace();
    }

    /** Removes what was arriving at processes that died. */
    public void removeAbandoned() {
        incoming.removeAbandoned();
    }

    /**
     * Begins a source that arrives for a build; {@code storage-full} where there is no room for any, {@code unavailable}
     * where so many others are arriving that no memory is left.
     */
    public SourceDraft draft(UUID id) throws IOException {
        return draft(id, memory);
    }

    /** The same for a worker: there are few of them, and none has to wait for those who upload. */
    public SourceDraft draftOfWorker(UUID id) throws IOException {
        return draft(id, MemoryBudget.unlimited());
    }

    private SourceDraft draft(UUID id, MemoryBudget memory) throws IOException {
        // a name of its own: two attempts of a build may be at it at a time
        Path directory = incoming.directory().resolve(id + "-" + UUID.randomUUID());
        return new SourceDraft(id, directory, of(id), limits, memory);
    }

    /** Whether a build's source is here. */
    public boolean exists(UUID id) {
        return Files.isRegularFile(of(id).resolve(SOURCE));
    }

    /** Where a build's stage is or may be put: it lives and dies with the source. */
    public Path stage(UUID id) {
        return of(id).resolve(STAGE);
    }

    /** Removes a build's source and stage; nothing there is fine. */
    public void delete(UUID id) throws IOException {
        Path gone = incoming.directory().resolve("deleted-" + UUID.randomUUID());
        try {
            // Moved first, so that nobody finds half of it, and a crash leaves it where it is cleaned up.
            Files.move(of(id), gone, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        DirectoryTree.delete(gone);
    }

    /**
     * Writes a build's source as files into {@code into}, a directory that is new or empty and nobody else's, and answers
     * the Dockerfile. Where it fails, emptying {@code into} is the caller's.
     */
    public Dockerfile unpack(UUID id, Layout layout, Path into) {
        try (StoredStream archive = new StoredStream(of(id).resolve(SOURCE));
                ArchiveReader reader = new ArchiveReader(archive, limits, MemoryShare.unlimited())) {
            new ContextWriter(archive, reader, fresh(into), limits).write();
            ArchiveTree tree = reader.tree();
            DockerfileLocation location = DockerfileLocation.find(tree, layout);
            Dockerfile dockerfile = DockerfileTexts.read(location.path(), into.resolve(tree.path(location.node())));
            int root = DockerfileLocation.root(tree, layout);
            if (root != ArchiveTree.ROOT) {
                strip(into, tree.name(root));
            }
            return dockerfile;
        } catch (NoSuchFileException e) {
            if (exists(id)) {
                throw failed(e);
            }
            throw new SlipwayException(ErrorCode.SOURCE_GONE, "tried to unpack the source but it is gone", e);
        } catch (IOException | UncheckedIOException | InvalidPathException e) {
            throw failed(e);
        }
    }

    private static Path fresh(Path into) throws IOException {
        if (!Files.exists(into, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(into, DirectoryTree.PRIVATE);
        }
        if (!Files.isDirectory(into, LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalStateException(into + " has to be a directory");
        }
        Files.setPosixFilePermissions(into, DirectoryTree.PRIVATE.value());
        try (var present = Files.list(into)) {
            if (present.findAny().isPresent()) {
                throw new IllegalStateException(into + " has to be empty, or links in it might be followed");
            }
        }
        return into;
    }

    /** Puts the only directory in {@code into} in its place. */
    private static void strip(Path into, String name) throws IOException {
        // what it holds moves, not the directory itself, which a sandbox may have mounted already
        Path root = into.resolveSibling("root-" + UUID.randomUUID());
        Files.move(into.resolve(name), root, StandardCopyOption.ATOMIC_MOVE);
        FileTime modified = Files.getLastModifiedTime(root);
        try (var entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                Files.move(entry, into.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Files.delete(root);
        Files.setLastModifiedTime(into, modified);
    }

    private static SlipwayException failed(Exception e) {
        return new SlipwayException(
                ErrorCode.UNPACK_FAILED, "tried to unpack the source but its files could not be written", e);
    }

    private Path of(UUID id) {
        return directory.resolve(id.toString());
    }

    /** The memory that arriving sources have now. */
    long memoryTaken() {
        return memory.taken();
    }

    /** Ends what is arriving. */
    @PreDestroy
    void close() throws IOException {
        incoming.close();
    }
}
