package dev.slipway.worker;

import dev.slipway.build.BuildClaim;
import dev.slipway.buildah.Buildah;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jboss.logging.Logger;

/** An attempt's temporary directory: there while it runs, gone afterwards whatever happened. */
final class Workspace implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Workspace.class);

    private final Path directory;
    private final Buildah buildah;

    private Workspace(Path directory, Buildah buildah) {
        this.directory = directory;
        this.buildah = buildah;
    }

    static Workspace open(Path parent, BuildClaim claim, Buildah buildah) {
        Path directory = parent.resolve(claim.id() + "-" + claim.attempt());
        try {
            Files.createDirectories(parent);
            Files.createDirectory(directory);
            return new Workspace(directory, buildah);
        } catch (IOException e) {
            throw new UncheckedIOException("tried to make the directory " + directory + " but it failed: " + e, e);
        }
    }

    Path directory() {
        return directory;
    }

    /** When it was made, by the clock of the disk it is on. */
    Instant made() {
        try {
            return Files.getLastModifiedTime(directory).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the context is unpacked; there from the beginning, so that a sandbox may have it before it is filled. */
    Path context() {
        return of("context");
    }

    /** A directory in it, made here. */
    Path of(String name) {
        try {
            return Files.createDirectories(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            buildah.deleteTree(directory);
        } catch (UncheckedIOException e) {
            LOG.errorf("a workspace stays behind until the next start: %s", e.getMessage());
        }
    }
}
