package dev.slipway.retention;

import dev.slipway.build.FinishedBuilds;
import dev.slipway.source.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Deletes builds that ended too long ago, or that are too many, with all that belongs to them. */
@ApplicationScoped
class BuildRetention {
    private static final Logger LOG = Logger.getLogger(BuildRetention.class);

    private final FinishedBuilds builds;
    private final Sources sources;
    private final RetentionConfig config;

    BuildRetention(FinishedBuilds builds, Sources sources, RetentionConfig config) {
        this.builds = builds;
        this.sources = sources;
        this.config = config;
    }

    /** Looks once; how many builds went. */
    int runOnce() {
        int gone = delete(() -> builds.deleteOlderThan(config.buildsAge()))
                + delete(() -> builds.deleteAllBut(config.buildsCount()));
        if (gone > 0) {
            LOG.infof("retention: %d builds are deleted, with their logs and sources", gone);
        }
        return gone;
    }

    private int delete(Supplier<List<UUID>> batch) {
        int gone = 0;
        for (List<UUID> deleted = batch.get(); !deleted.isEmpty(); deleted = batch.get()) {
            deleted.forEach(this::deleteSource);
            gone += deleted.size();
        }
        return gone;
    }

    private void deleteSource(UUID build) {
        try {
            sources.delete(build);
        } catch (IOException e) {
            LOG.warnf("the source of the deleted build %s is left to the next sweep: %s", build, e);
        }
    }
}
