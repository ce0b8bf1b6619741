package dev.slipway.database;

import dev.slipway.process.ToolResult;
import dev.slipway.secret.PrivateFile;
import dev.slipway.secret.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/** The files of the embedded server under its directory: its data and its password. */
final class PostgresCluster {
    /** The user, and the database. */
    static final String NAME = "slipway";

    private static final Logger LOG = Logger.getLogger(PostgresCluster.class);
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    private final Path directory;
    private final PostgresBinaries binaries;

    PostgresCluster(Path directory, PostgresBinaries binaries) {
        this.directory = directory;
        this.binaries = binaries;
    }

    /** The server's data directory. */
    Path data() {
        return directory.resolve("data");
    }

    /** Makes user, password and database where there are none; returns the password. */
    Secret prepare() {
        Path password = directory.resolve("password");
        if (!Files.exists(data())) {
            PrivateFile.readOrCreateRandom(password);
            create(password);
        } else if (!Files.exists(password)) {
            throw new StartupException("tried to open the embedded database but its password is gone: " + password
                    + " is missing beside " + data());
        }
        refuseOtherMajor();
        return Secret.of(PrivateFile.read(password));
    }

    /** Whole or not at all: a crash halfway leaves a directory that nobody looks at. */
    private void create(Path password) {
        LOG.infof("creating the database in %s", data());
        try {
            Path fresh = Leftovers.unfinished(directory, "data");
            check(binaries.run(initdb(fresh, password), new byte[0], DEADLINE));
            byte[] create = ("create database " + NAME + ";\n").getBytes(StandardCharsets.US_ASCII);
            List<String> single =
                    List.of("postgres", "--single", "-j", "-c", "exit_on_error=on", "-D", fresh.toString(), "postgres");
            check(binaries.run(single, create, DEADLINE));
            Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
            PrivateFile.sync(directory);
        } catch (IOException e) {
            throw new StartupException("tried to create the embedded database but it failed: " + e, e);
        }
    }

    private static List<String> initdb(Path fresh, Path password) {
        return List.of(
                "initdb",
                "--pgdata=" + fresh,
                "--username=" + NAME,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                // the same order and the same lower case on every machine, whatever its C library
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
                "--no-instructions");
    }

    private static void check(ToolResult result) {
        if (!result.succeeded()) {
            throw new StartupException("tried to create the embedded database but " + result.failure());
        }
    }

    private void refuseOtherMajor() {
        String major = PrivateFile.read(data().resolve("PG_VERSION"));
        if (!major.equals(PostgresBinaries.MAJOR)) {
            throw new StartupException("tried to open the database in " + data() + " but PostgreSQL " + major
                    + " wrote it and this is PostgreSQL " + PostgresBinaries.MAJOR
                    + ": dump it with the Slipway that wrote it, or give us a server by SLIPWAY_DATABASE_URL");
        }
    }
}
