package dev.slipway.database;

import dev.slipway.process.Tool;
import dev.slipway.process.ToolResult;
import dev.slipway.secret.PrivateFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jboss.logging.Logger;
import org.tukaani.xz.XZInputStream;

/** The server's programs, unpacked from our own jar once a version. */
final class PostgresBinaries {
    /** The version of the archive in the jar. */
    static final String VERSION = "17.6.0";
    /** Data directories belong to a major version. */
    static final String MAJOR = VERSION.substring(0, VERSION.indexOf('.'));

    private static final Logger LOG = Logger.getLogger(PostgresBinaries.class);
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LC_ALL", "C", "TZ", "UTC");

    private final Path home;

    private PostgresBinaries(Path home) {
        this.home = home;
    }

    /** The programs under {@code directory}, unpacked where they are not there yet. */
    static PostgresBinaries in(Path directory) {
        Path home = directory.resolve("bin-" + VERSION);
        if (!Files.isDirectory(home)) {
            try {
                unpack(directory, home);
            } catch (IOException e) {
                throw new StartupException("tried to unpack PostgreSQL into " + home + " but it failed: " + e, e);
            }
        }
        return new PostgresBinaries(home);
    }

    /** The path of a program. */
    String program(String name) {
        return home.resolve("bin").resolve(name).toString();
    }

    /** Runs a program to its end; the first of {@code argv} is its name. */
    ToolResult run(List<String> argv, byte[] stdin, Duration deadline) {
        List<String> full = new ArrayList<>(argv);
        full.set(0, program(argv.getFirst()));
        return Tool.run(full, ENVIRONMENT, stdin, deadline);
    }

    /** All that the programs see of the environment: messages in English, times in UTC. */
    Map<String, String> environment() {
        return ENVIRONMENT;
    }

    private static void unpack(Path directory, Path home) throws IOException {
        LOG.infof("unpacking PostgreSQL %s", VERSION);
        Path fresh = Leftovers.unfinished(directory, "bin");
        String archive = "/postgres-linux-" + architecture() + ".txz";
        try (InputStream packed = PostgresBinaries.class.getResourceAsStream(archive)) {
            if (packed == null) {
                throw new IOException("there is no " + archive + " in the jar");
            }
            unpack(packed, fresh);
        }
        // one flush for a thousand files; the rename comes after it
        Tool.run(List.of("sync", "-f", fresh.toString()), ENVIRONMENT, new byte[0], Duration.ofMinutes(1));
        Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        PrivateFile.sync(directory);
    }

    private static void unpack(InputStream packed, Path fresh) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                Path target = fresh.resolve(entry.getName()).normalize();
                if (!target.startsWith(fresh)) {
                    throw new IOException("the entry " + entry.getName() + " leaves the archive");
                }
                write(tar, entry, target);
            }
        }
    }

    private static void write(InputStream content, TarArchiveEntry entry, Path target) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (!entry.getName().endsWith(".a")) {
            Files.copy(content, target);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(
                    target, PosixFilePermissions.fromString(executable ? "rwx------" : "rw-------"));
        }
    }

    private static String architecture() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "arm_64";
            default ->
                throw new StartupException("tried to start the embedded PostgreSQL but there is none for " + name
                        + " processors here; give us an existing server by --database or SLIPWAY_DATABASE_URL");
        };
    }
}
