package dev.slipway.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.build.BuildReference;
import dev.slipway.build.BuildView;
import dev.slipway.build.Builds;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.LogLine;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Logs as server-sent events: the lines as they come, signs of life in between, and the build when it has ended. */
@ApplicationScoped
class LogEvents {
    private final Builds builds;
    private final JobLog log;
    private final ObjectMapper json;
    private final Duration heartbeat;

    LogEvents(Builds builds, JobLog log, ObjectMapper json, ApiConfig config) {
        this.builds = builds;
        this.log = log;
        this.json = json;
        this.heartbeat = config.heartbeat();
    }

    /** All events behind line {@code after}, up to and with the build's end. */
    Multi<Buffer> behind(UUID build, long after) {
        return Multi.createFrom().deferred(() -> new Stream(build, after).events());
    }

    /** Whether the client has all there is, the end of the build included. */
    Uni<Boolean> isEnd(BuildView view, LogPosition position) {
        return position.mayBeEndOf(view.build())
                ? log.lastNumber(view.build().id).map(last -> last == position.n())
                : Uni.createFrom().item(false);
    }

    /** One client's events. */
    private final class Stream {
        private final UUID build;
        private long after;
        private long wroteAt = System.nanoTime();

        Stream(UUID build, long after) {
            this.build = build;
            this.after = after;
        }

        Multi<Buffer> events() {
            Multi<Buffer> lines =
                    log.followBatches(build, after).filter(this::isDue).map(this::encode);
            Multi<Buffer> rest =
                    Multi.createFrom().deferred(() -> end().onItem().transformToMulti(end -> end));
            return Multi.createBy().concatenating().streams(lines, rest);
        }

        private boolean isDue(List<LogLine> lines) {
            return !lines.isEmpty() || System.nanoTime() - wroteAt >= heartbeat.toNanos();
        }

        private Buffer encode(List<LogLine> lines) {
            wroteAt = System.nanoTime();
            if (lines.isEmpty()) {
                return LogEncoder.heartbeat();
            }
            after = lines.getLast().n();
            return LogEncoder.events(lines);
        }

        /**
         * The build is read first and the log then: a build that had ended by then, with nothing behind the last line
         * sent, ended there. In any other case it was retried meanwhile, and its log goes on.
         */
        private Uni<Multi<Buffer>> end() {
            return view().chain(found -> found.isEmpty()
                    ? Uni.createFrom().item(Multi.createFrom().empty())
                    : log.lastNumber(build).map(last -> {
                        boolean ended = found.get().build().status.isFinal() && last <= after;
                        return ended ? Multi.createFrom().item(endEvent(found.get(), last)) : events();
                    }));
        }

        /** Empty where the build was deleted: that end has no build to show. */
        private Uni<Optional<BuildView>> view() {
            return builds.get(new BuildReference.ById(build))
                    .map(Optional::of)
                    .onFailure(LogEvents::isNotFound)
                    .recoverWithItem(Optional.empty());
        }
    }

    private Buffer endEvent(BuildView view, long last) {
        try {
            return LogEncoder.event(
                    LogPosition.endId(last, view.build()), "end", json.writeValueAsString(BuildJson.of(view)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof SlipwayException e && e.code() == ErrorCode.NOT_FOUND;
    }
}
