package dev.slipway.joblog;

import dev.slipway.joblog.LineCodec.Heading;
import dev.slipway.joblog.LogFlusher.Attempt;
import dev.slipway.joblog.LogLine.Stream;
import dev.slipway.joblog.LogRepository.Opened;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** The logs of all builds: one writer an attempt, any number of readers. */
@ApplicationScoped
public class JobLog {
    private static final Logger LOG = Logger.getLogger(JobLog.class);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final LogRepository repository;
    private final LogFeeds feeds;
    private final JobLogConfig config;

    JobLog(LogRepository repository, LogFeeds feeds, JobLogConfig config) {
        this.repository = repository;
        this.feeds = feeds;
        this.config = config;
    }

    /** Begins the log of an attempt that owns its build. Blocks shortly; for worker threads. */
    public JobLogWriter open(UUID build, int attempt) {
        Opened opened = opened(build);
        Clock clock = Clock.offset(Clock.systemUTC(), Duration.between(Instant.now(), opened.now()));
        var buffer = new LineBuffer(LogLimits.of(config));
        return new JobLogWriter(repository, config, new Attempt(build, attempt, buffer, opened.topN()), clock);
    }

    /** A database that is away costs the log its exact times, not its lines: they wait. */
    private Opened opened(UUID build) {
        try {
            return repository.open(build).await().atMost(ANSWER);
        } catch (RuntimeException e) {
            LOG.warnf("tried to read the database's clock for the log of build %s but %s", build, e);
            return new Opened(Instant.now(), 0);
        }
    }

    /**
     * Adds a remark to a build that the caller need not own, for example that its worker is lost. It locks the build's
     * row for a moment: call it outside any transaction that does.
     */
    public Uni<Void> note(UUID build, String text) {
        return repository
                .open(build)
                .chain(opened -> repository.note(build, block(opened.now(), text)))
                .replaceWithVoid();
    }

    private static LineBlock block(Instant at, String text) {
        var block = new LineBlock(false);
        var heading = new Heading(at, Stream.SYSTEM, null);
        var splitter = new LineSplitter((utf8, offset, length) -> block.add(heading, utf8, offset, length));
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        splitter.write(bytes, 0, bytes.length);
        splitter.end();
        return block;
    }

    /** Up to {@code maxLines} of the lines stored behind number {@code after}; empty where there are none. */
    public Uni<List<LogLine>> read(UUID build, long after, int maxLines) {
        return page(build, after).map(page -> page.lines()
                .subList(0, Math.min(maxLines, page.lines().size())));
    }

    /** The number of the last line; 0 where there is none. */
    public Uni<Long> lastNumber(UUID build) {
        return repository.open(build).map(Opened::topN);
    }

    /** All lines stored behind number {@code after}, in batches, each read when it is asked for. */
    public Multi<List<LogLine>> readAll(UUID build, long after) {
        return Multi.createBy()
                .repeating()
                .uni(() -> new AtomicLong(after), at -> page(build, at.get())
                        .invoke(page -> at.set(page.end(at.get()))))
                .whilst(page -> !page.isEmpty())
                .map(LogPage::lines);
    }

    private Uni<LogPage> page(UUID build, long after) {
        return repository.page(build, after).map(stored -> LogPage.of(stored, after, LogLimits.of(config)));
    }

    /** The lines behind number {@code after}, as they come, until the build has ended (or is gone). */
    public Multi<LogLine> follow(UUID build, long after) {
        return followBatches(build, after).onItem().disjoint();
    }

    /**
     * The same in batches, each read when it is asked for. An empty batch means that nothing has come for about a poll
     * interval: a good moment for a heartbeat.
     */
    public Multi<List<LogLine>> followBatches(UUID build, long after) {
        return Multi.createFrom().deferred(() -> {
            var follower = new LogFollower(feeds.join(build), after, config.pollInterval());
            return Multi.createBy()
                    .repeating()
                    .uni(follower::next)
                    .whilst(page -> !page.last())
                    .onTermination()
                    .invoke(() -> feeds.leave(build))
                    .map(LogPage::lines);
        });
    }
}
