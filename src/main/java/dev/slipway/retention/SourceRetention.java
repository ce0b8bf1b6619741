package dev.slipway.retention;

import dev.slipway.build.FinishedBuild;
import dev.slipway.build.FinishedBuilds;
import dev.slipway.source.KeptSource;
import dev.slipway.source.Sources;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Takes the sources and stages of finished builds where they are too old or too much; the one that ended first goes first. */
@ApplicationScoped
class SourceRetention {
    private static final Logger LOG = Logger.getLogger(SourceRetention.class);
    private static final int PART_OF_DISK = 5;

    private final FinishedBuilds builds;
    private final Sources sources;
    private final RetentionConfig config;

    SourceRetention(FinishedBuilds builds, Sources sources, RetentionConfig config) {
        this.builds = builds;
        this.sources = sources;
        this.config = config;
    }

    /** How many bytes of sources may be kept. */
    long limit() throws IOException {
        return config.sourcesSize().isPresent()
                ? config.sourcesSize().get().asLongValue()
                : sources.diskSize() / PART_OF_DISK;
    }

    /** Looks once; how many sources went. */
    int runOnce() throws IOException {
        Map<UUID, KeptSource> kept =
                sources.kept().stream().collect(Collectors.toMap(KeptSource::build, source -> source));
        long total = kept.values().stream().mapToLong(KeptSource::size).sum();
        long limit = limit();
        int gone = 0;
        long freed = 0;
        List<FinishedBuild> oldestFirst = builds.among(kept.keySet());
        for (FinishedBuild build : oldestFirst) {
            boolean tooOld = build.age().compareTo(config.sourcesAge()) > 0;
            if (!tooOld && total - freed <= limit) {
                break;
            }
            // first the row: nobody may retry a build whose files are about to go
            if (builds.takeSource(build.id())) {
                sources.delete(build.id());
                freed += kept.get(build.id()).size();
                gone++;
            }
        }
        if (gone > 0) {
            LOG.infof("retention: %d sources are deleted, %d bytes", gone, freed);
        }
        return gone;
    }
}
