package dev.slipway.database;

import dev.slipway.process.Daemon;
import dev.slipway.process.DirectoryLock;
import dev.slipway.secret.PrivateFile;
import dev.slipway.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * A PostgreSQL server of our own: durable, on loopback, with a password, in one directory. It ends when we do, however
 * we end; what was committed is there at the next start.
 */
public final class EmbeddedPostgres implements Database {
    private static final Logger LOG = Logger.getLogger(EmbeddedPostgres.class);
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(5);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    /** A crash recovery replays at most max_wal_size, which takes seconds; this is for very slow disks. */
    private static final Duration START_PATIENCE = Duration.ofMinutes(5);

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration SHORTEST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
    private static final int PORT_TRIES = 5;

    private final Path directory;
    private final DirectoryLock lock;
    private final PostgresBinaries binaries;
    private final PostgresCluster cluster;
    private final ServerProcesses processes;
    private final ServerLog log = new ServerLog();
    private final CountDownLatch closed = new CountDownLatch(1);
    private Secret password;
    private int port;
    private Daemon server;

    private EmbeddedPostgres(Path directory, DirectoryLock lock) {
        this.directory = directory;
        this.lock = lock;
        this.binaries = PostgresBinaries.in(directory);
        this.cluster = new PostgresCluster(directory, binaries);
        this.processes = new ServerProcesses(binaries, cluster.data());
    }

    /** Starts the server in a directory of its own, which it makes where it is missing. */
    public static EmbeddedPostgres start(Path directory) {
        refuseRoot();
        Path absolute = PrivateFile.directory(directory.toAbsolutePath().normalize());
        Path file = absolute.resolve("lock");
        DirectoryLock lock = DirectoryLock.take(file, LOCK_PATIENCE)
                .orElseThrow(() -> new StartupException("tried to start PostgreSQL in " + absolute
                        + " but another process (" + DirectoryLock.holder(file) + ") runs one there"));
        try {
            Leftovers.remove(absolute);
            EmbeddedPostgres postgres = new EmbeddedPostgres(absolute, lock);
            postgres.open();
            return postgres;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    @Override
    public String jdbcUrl() {
        return "jdbc:" + reactiveUrl();
    }

    @Override
    public String reactiveUrl() {
        return "postgresql://127.0.0.1:" + port() + "/" + PostgresCluster.NAME;
    }

    @Override
    public String user() {
        return PostgresCluster.NAME;
    }

    @Override
    public Secret password() {
        return password;
    }

    @Override
    public String description() {
        return "embedded PostgreSQL " + PostgresBinaries.VERSION + " on port " + port() + ", data in " + directory;
    }

    /** The port on loopback; it stays the same over restarts where nobody else took it meanwhile. */
    public int port() {
        return port;
    }

    /** Whether the server runs. */
    public synchronized boolean isAlive() {
        return server.isAlive();
    }

    /** Starts the server again, on the same port, whenever it ends without being asked to, until we are closed. */
    public EmbeddedPostgres supervise() {
        Thread.ofPlatform().daemon().name("postgres-supervisor").start(this::watch);
        return this;
    }

    /** Stops the server: its clients are cut off, what they committed is kept. */
    @Override
    public void close() {
        closed.countDown();
        synchronized (this) {
            log.quieten();
            if (server != null && !server.end(STOP_PATIENCE)) {
                LOG.warn("PostgreSQL did not stop in time");
                processes.end();
            }
            lock.close();
        }
    }

    private static void refuseRoot() {
        try {
            if (Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
                throw new StartupException("tried to start the embedded PostgreSQL as root but PostgreSQL refuses that;"
                        + " run Slipway as an ordinary user, or give it a server by SLIPWAY_DATABASE_URL");
            }
        } catch (IOException e) {
            LOG.debugf("nobody knows who we are: %s", e.getMessage());
        }
    }

    private synchronized void open() {
        password = cluster.prepare();
        processes.end();
        for (int i = 1; ; i++) {
            port = ServerPort.choose(directory.resolve("port"));
            try {
                launch();
                return;
            } catch (StartupException e) {
                // taken between our look and the server's
                if (i == PORT_TRIES || ServerPort.isFree(port)) {
                    throw e;
                }
            }
        }
    }

    private void launch() {
        List<String> argv = ServerOptions.argv(binaries.program("postgres"), cluster.data(), port);
        server = Daemon.start(argv, binaries.environment(), directory, log);
        try {
            awaitReady();
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        try {
            while (!isReady()) {
                if (!server.isAlive()) {
                    throw new StartupException("tried to start PostgreSQL but it ended: " + log.tail());
                }
                if (System.nanoTime() > deadline || closed.getCount() == 0) {
                    throw new StartupException("tried to start PostgreSQL but it is not ready: " + log.tail());
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("tried to start PostgreSQL but was interrupted", e);
        }
    }

    /** By the pid file, as pg_ctl does it: line 1 the process, line 8 its state. An old server's file says nothing. */
    private boolean isReady() {
        try {
            List<String> lines = Files.readAllLines(cluster.data().resolve("postmaster.pid"));
            return lines.size() >= 8
                    && lines.get(7).strip().equals("ready")
                    && server.hasChild(Long.parseLong(lines.getFirst().strip()));
        } catch (IOException | NumberFormatException e) {
            return false; // not written yet
        }
    }

    private void watch() {
        Duration backoff = SHORTEST_BACKOFF;
        try {
            while (true) {
                currentServer().onExit().join();
                if (closed.await(backoff.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                Optional<String> failure = restart();
                backoff = failure.isEmpty() ? SHORTEST_BACKOFF : longer(backoff);
                failure.ifPresent(why -> LOG.errorf("PostgreSQL ended, and could not be started again: %s", why));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Daemon currentServer() {
        return server;
    }

    private synchronized Optional<String> restart() {
        if (closed.getCount() == 0) {
            return Optional.empty();
        }
        LOG.warnf("PostgreSQL ended by itself: starting it again. It said last:%n%s", log.tail());
        try {
            processes.end();
            launch();
            LOG.info("PostgreSQL runs again");
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Duration longer(Duration backoff) {
        Duration twice = backoff.multipliedBy(2);
        return twice.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : twice;
    }
}
