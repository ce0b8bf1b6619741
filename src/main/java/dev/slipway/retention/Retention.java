package dev.slipway.retention;

import dev.slipway.build.FinishedBuilds;
import dev.slipway.source.Sources;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Runs the duties of retention, one after another, now and then. Every replica does: what one has taken the others do not
 * find any more.
 */
@ApplicationScoped
public class Retention {
    private static final Logger LOG = Logger.getLogger(Retention.class);

    private final RetentionConfig config;
    private final FinishedBuilds builds;
    private final Sources sources;
    private final BuildRetention oldBuilds;
    private final LogRetention oldLogs;
    private final SourceRetention oldSources;
    private final SourceSweep sweep;
    private volatile boolean told;

    Retention(
            RetentionConfig config,
            FinishedBuilds builds,
            Sources sources,
            BuildRetention oldBuilds,
            LogRetention oldLogs,
            SourceRetention oldSources,
            SourceSweep sweep) {
        RetentionConfig.check(config);
        this.config = config;
        this.builds = builds;
        this.sources = sources;
        this.oldBuilds = oldBuilds;
        this.oldLogs = oldLogs;
        this.oldSources = oldSources;
        this.sweep = sweep;
    }

    /** What is kept, in a line for people. */
    public String description() {
        try {
            return "builds for %s and at most %d, their logs for %s and %s, their sources for %s and %s"
                    .formatted(
                            days(config.buildsAge()),
                            config.buildsCount(),
                            days(config.logsAge()),
                            megabytes(config.logsSize().asLongValue()),
                            days(config.sourcesAge()),
                            megabytes(oldSources.limit()));
        } catch (IOException e) {
            return "unknown: " + e;
        }
    }

    private static String days(Duration age) {
        return age.toDays() > 1 ? age.toDays() + " days" : age.toString();
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    @Scheduled(every = "${slipway.retention.interval:PT5M}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void run() {
        try {
            runOnce();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("retention could not do all its work, and tries again later: %s", e);
        }
    }

    private void runOnce() throws IOException {
        oldBuilds.runOnce();
        oldLogs.runOnce();
        if (sources.belongTo(builds.database())) {
            oldSources.runOnce();
            sweep.runOnce();
        } else if (!told) {
            told = true;
            LOG.warnf(
                    "%s holds sources of another database, so none goes by its age or size or for want of a build, but"
                            + " only together with its build; give this service a directory of its own (SLIPWAY_SOURCE_DIRECTORY), or delete %s if"
                            + " that database is no more",
                    sources.directory(), sources.ownerMark());
        }
    }
}
