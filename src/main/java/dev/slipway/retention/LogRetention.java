package dev.slipway.retention;

import dev.slipway.build.FinishedBuilds;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Takes the logs of finished builds, all but their last lines, where they are too old or too much. */
@ApplicationScoped
class LogRetention {
    private static final Logger LOG = Logger.getLogger(LogRetention.class);

    private final FinishedBuilds builds;
    private final RetentionConfig config;

    LogRetention(FinishedBuilds builds, RetentionConfig config) {
        this.builds = builds;
        this.config = config;
    }

    /** Looks once; how many logs went. */
    int runOnce() {
        int gone = trim(() -> builds.trimLogsOlderThan(config.logsAge()))
                + trim(() -> builds.trimLogsDownTo(config.logsSize().asLongValue()));
        if (gone > 0) {
            LOG.infof("retention: of %d logs only the last lines are kept", gone);
        }
        return gone;
    }

    private static int trim(Supplier<List<UUID>> batch) {
        int gone = 0;
        for (List<UUID> trimmed = batch.get(); !trimmed.isEmpty(); trimmed = batch.get()) {
            gone += trimmed.size();
        }
        return gone;
    }
}
