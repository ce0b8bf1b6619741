package dev.slipway.database;

import dev.slipway.process.DirectoryLock;
import dev.slipway.secret.PrivateFile;
import java.io.Closeable;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.microprofile.config.Config;

/** Where a service keeps everything it owns; it belongs to one running service at a time. */
public final class DataDirectory implements Closeable {
    /** The setting that names it. */
    public static final String SETTING = "slipway.data";

    /** A dying predecessor finishes its work first. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path path;
    private final DirectoryLock lock;

    private DataDirectory(Path path, DirectoryLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Where it is by the configuration. Read before the framework runs, hence not by a mapping. */
    public static Path configured(Config config) {
        return config.getOptionalValue(SETTING, Path.class)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local/share/slipway"))
                .toAbsolutePath()
                .normalize();
    }

    /** Makes the directory where it is missing, and takes it for this process. */
    public static DataDirectory open(Path path) {
        return open(path, PATIENCE);
    }

    static DataDirectory open(Path path, Duration patience) {
        PrivateFile.directory(path);
        Path file = path.resolve("lock");
        DirectoryLock lock = DirectoryLock.take(file, patience)
                .orElseThrow(() -> new StartupException("tried to use the data directory " + path
                        + " but another Slipway (" + DirectoryLock.holder(file)
                        + ") uses it; give this one another by --data or SLIPWAY_DATA"));
        return new DataDirectory(path, lock);
    }

    /** The directory itself. */
    public Path path() {
        return path;
    }

    /** Where the embedded database lives. */
    public Path postgres() {
        return path.resolve("postgres");
    }

    /** The key that secrets rest under, beside the embedded database. */
    public Path key() {
        return path.resolve("key");
    }

    /** Lets another service have it. */
    @Override
    public void close() {
        lock.close();
    }
}
