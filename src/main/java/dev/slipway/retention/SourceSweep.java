package dev.slipway.retention;

import dev.slipway.build.BuildQueue;
import dev.slipway.build.FinishedBuilds;
import dev.slipway.source.KeptSource;
import dev.slipway.source.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Deletes sources that have no build: their service died before it could queue one, or after one was deleted. What was
 * arriving at a process that died goes too.
 */
@ApplicationScoped
class SourceSweep {
    private static final Logger LOG = Logger.getLogger(SourceSweep.class);
    /** Between the last byte of a source and its row lie seconds; who was frozen that long finds its source gone. */
    private static final Duration GRACE = Duration.ofHours(1);

    private final FinishedBuilds builds;
    private final BuildQueue queue;
    private final Sources sources;

    SourceSweep(FinishedBuilds builds, BuildQueue queue, Sources sources) {
        this.builds = builds;
        this.queue = queue;
        this.sources = sources;
    }

    /** Looks once; how many sources went. */
    int runOnce() throws IOException {
        sources.removeAbandoned();
        List<UUID> resting = sources.kept().stream()
                .filter(source -> source.idle().compareTo(GRACE) > 0)
                .map(KeptSource::build)
                .toList();
        Set<UUID> known = builds.existing(resting);
        int gone = 0;
        for (UUID build : resting) {
            // asked again, behind every transaction that may still insert it
            if (!known.contains(build) && !queue.exists(build)) {
                sources.delete(build);
                LOG.infof("the source of %s has no build and is deleted", build);
                gone++;
            }
        }
        return gone;
    }
}
