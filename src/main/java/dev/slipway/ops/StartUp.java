package dev.slipway.ops;

import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.Holds;
import dev.slipway.buildah.Limits;
import dev.slipway.buildah.Probe;
import dev.slipway.image.Registries;
import dev.slipway.retention.Retention;
import dev.slipway.source.Sources;
import dev.slipway.worker.WorkerPool;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Finds out what this machine can do, says so, and starts the workers where they can work. */
@ApplicationScoped
class StartUp {
    private static final Logger LOG = Logger.getLogger(StartUp.class);
    /** After everything that others do at start. */
    private static final int LAST = 10_000;

    private static final int FIRST = 1;

    private final Buildah buildah;
    private final Registries registries;
    private final Sources sources;
    private final Retention retention;
    private final WorkerPool workers;
    private final String database;
    /** Once it is, workers are not started any more. */
    private volatile boolean ending;

    StartUp(
            Buildah buildah,
            Registries registries,
            Sources sources,
            Retention retention,
            WorkerPool workers,
            @ConfigProperty(name = "quarkus.datasource.reactive.url") String database) {
        this.buildah = buildah;
        this.registries = registries;
        this.sources = sources;
        this.retention = retention;
        this.workers = workers;
        this.database = database;
    }

    void start(@Observes @Priority(LAST) StartupEvent event) {
        say("database", database.replaceFirst("^vertx-reactive:", "").replaceFirst("//[^/@]*@", "//"));
        say("sources", sources.directory().toString());
        say("kept", retention.description());
        say(
                "registry",
                registries
                        .home()
                        .registry()
                        .map(host -> host
                                + registries
                                        .home()
                                        .namespace()
                                        .map(n -> "/" + n)
                                        .orElse("")
                                + registries
                                        .credentialsFor(host)
                                        .map(c -> ", as " + c.username())
                                        .orElse(", without a login"))
                        .orElse("no default one: images must name theirs (SLIPWAY_REGISTRY_DEFAULT_HOST)"));
        if (!registries.insecure().isEmpty()) {
            say("insecure registries", String.join(", ", registries.insecure()));
        }
        if (workers.slots() == 0) {
            say("slots", "0: this service only takes requests");
        } else if (!tryToBuild()) {
            LOG.error("requests are taken and queued; builds run as soon as this is mended");
        }
    }

    /** What was missing may have come: a network, a package. */
    @Scheduled(every = "30s", delayed = "30s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void tryAgain() {
        if (!ending && isUnable()) {
            try {
                tryToBuild();
            } catch (RuntimeException e) {
                LOG.warnf("tried again whether builds can run here but could not: %s", e.getMessage());
            }
        }
    }

    private boolean isUnable() {
        return buildah.report().flatMap(Probe.Report::problem).isPresent();
    }

    /** Looks what this machine can do, and starts the workers if that is enough; says what is new. */
    private boolean tryToBuild() {
        Optional<String> before = buildah.report().flatMap(Probe.Report::problem);
        Probe.Report found = buildah.probe();
        if (found.problem().isPresent()) {
            if (!found.problem().equals(before)) {
                LOG.errorf("no build can run here: %s", found.problem().get());
            }
            return false;
        }
        describe(found);
        startWorkers();
        return true;
    }

    private synchronized void startWorkers() {
        if (!ending) {
            workers.start();
        }
    }

    private void describe(Probe.Report found) {
        say(
                "buildah",
                found.version() + (found.features().isEmpty() ? "" : ", with " + String.join(", ", found.features())));
        say(
                "isolation",
                "chroot in namespaces of its own (user, mount, pid, ipc, uts), network of RUN: " + found.reach());
        say(
                "storage",
                found.driver()
                        + (found.driver().equals("vfs") ? " (overlay does not work here: builds are slower)" : ""));
        say("slots", workers.slots() + ", each keeps at most " + workers.slotBudget());
        say("control groups", found.holds().controlGroups());
        say("limits of a build", limits(buildah.limits(), found.holds()));
    }

    /** Builds have their grace while requests have theirs. */
    synchronized void drain(@Observes @Priority(FIRST) ShutdownDelayInitiatedEvent event) {
        ending = true;
        workers.drain();
    }

    void stop(@Observes ShutdownEvent event) {
        end();
        workers.stop();
    }

    private synchronized void end() {
        ending = true;
    }

    private static String limits(Limits limits, Holds holds) {
        return "%d processes and threads (%s), %s of memory (%s), %s, %s on the disk and %s of output (watched)"
                .formatted(
                        limits.processes(),
                        holds.processes(),
                        Limits.size(limits.memory()),
                        holds.memory(),
                        limits.cpus().isPresent()
                                ? "%s processors (%s), at a lower priority"
                                        .formatted(
                                                Double.toString(limits.cpus().getAsDouble())
                                                        .replaceFirst("\\.0$", ""),
                                                holds.processors())
                                : "all processors, at a lower priority",
                        Limits.size(limits.disk()),
                        Limits.size(limits.output()));
    }

    private static void say(String what, String found) {
        LOG.infof("%s: %s", what, found);
    }
}
