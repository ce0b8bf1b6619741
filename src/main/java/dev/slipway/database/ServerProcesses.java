package dev.slipway.database;

import dev.slipway.process.Polling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The processes of a server on a data directory, whoever started them: a server that outlives its service, or the
 * orphans of a postmaster that was killed. A new server may start only when they are gone.
 */
final class ServerProcesses {
    private static final Logger LOG = Logger.getLogger(ServerProcesses.class);
    private static final Duration FAST = Duration.ofSeconds(30);
    private static final Duration IMMEDIATE = Duration.ofSeconds(10);
    private static final Duration KILLED = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final PostgresBinaries binaries;
    private final Path data;

    ServerProcesses(PostgresBinaries binaries, Path data) {
        this.binaries = binaries;
        this.data = data;
    }

    /** Ends them all, in the kindest way that works. */
    void end() {
        List<ProcessHandle> running = running();
        if (!running.isEmpty()) {
            LOG.infof("a PostgreSQL of an earlier run (%s) still runs on %s: stopping it", pids(running), data);
            endBy("fast", FAST);
            endBy("immediate", IMMEDIATE);
            kill();
        }
        forgetForeignPid();
    }

    private void endBy(String mode, Duration patience) {
        // orphans have no postmaster to ask, and pg_ctl would signal whoever has its number now
        if (isPostmasterRunning()) {
            List<String> stop = List.of(
                    "pg_ctl",
                    "stop",
                    "-D",
                    data.toString(),
                    "-m",
                    mode,
                    "-w",
                    "-t",
                    Long.toString(patience.toSeconds()));
            binaries.run(stop, new byte[0], patience.plusSeconds(10));
        }
        if (!areGoneWithin(IMMEDIATE)) {
            LOG.warnf("PostgreSQL on %s did not stop by a %s shutdown", data, mode);
        }
    }

    private void kill() {
        List<ProcessHandle> rest = running();
        if (rest.isEmpty()) {
            return;
        }
        LOG.warnf("killing PostgreSQL's processes %s on %s", pids(rest), data);
        rest.forEach(ProcessHandle::destroyForcibly);
        if (!areGoneWithin(KILLED)) {
            throw new StartupException("tried to stop the PostgreSQL that runs on " + data + " but its processes "
                    + pids(running()) + " could not be killed");
        }
    }

    /**
     * PostgreSQL refuses to start while the process in its pid file lives, though after a reboot, or in a container, that
     * number may be anybody's. None of the living is a server on this directory, so the file is stale.
     */
    private void forgetForeignPid() {
        if (!Files.exists(pidFile())) {
            return;
        }
        LOG.info("PostgreSQL was not shut down cleanly: it recovers from its log");
        try {
            if (postmaster().flatMap(ProcessHandle::of).isPresent()) {
                Files.delete(pidFile());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("tried to remove " + pidFile() + " but it failed: " + e, e);
        }
    }

    private boolean isPostmasterRunning() {
        Optional<Long> postmaster = postmaster();
        return postmaster.isPresent() && pids(running()).contains(postmaster.get());
    }

    /** By the pid file, where a server that runs alone (--single) has a negative number. */
    private Optional<Long> postmaster() {
        try {
            return Files.readAllLines(pidFile()).stream()
                    .findFirst()
                    .map(line -> Math.abs(Long.parseLong(line.strip())));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Path pidFile() {
        return data.resolve("postmaster.pid");
    }

    private boolean areGoneWithin(Duration patience) {
        return Polling.await(() -> running().isEmpty(), patience, PAUSE);
    }

    private List<ProcessHandle> running() {
        try {
            Path real = data.toRealPath();
            return ProcessHandle.allProcesses()
                    .filter(process -> isServer(process, real))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("tried to look at " + data + " but it failed: " + e, e);
        }
    }

    /** All processes of a server work in its data directory. */
    private static boolean isServer(ProcessHandle process, Path directory) {
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        try {
            return Files.readSymbolicLink(proc.resolve("cwd")).equals(directory)
                    && Files.readString(proc.resolve("comm")).strip().equals("postgres");
        } catch (IOException e) {
            return false; // it ended, or is somebody else's
        }
    }

    private static List<Long> pids(List<ProcessHandle> processes) {
        return processes.stream().map(ProcessHandle::pid).toList();
    }
}
