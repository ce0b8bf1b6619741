package dev.slipway.api;

import dev.slipway.build.Builds;
import dev.slipway.build.Outage;
import dev.slipway.http.StreamedAnswer;
import dev.slipway.http.Streams;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.LogLine;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import java.util.List;
import java.util.UUID;

/** The log of a build over HTTP. */
@Path("/api/v1/builds/{build}/logs")
public class LogResource {
    private final Builds builds;
    private final JobLog log;
    private final LogEvents events;
    private final Streams streams;

    LogResource(Builds builds, JobLog log, LogEvents events, Streams streams) {
        this.builds = builds;
        this.log = log;
        this.events = events;
        this.streams = streams;
    }

    /** Shows the log as text, as server-sent events or as JSON lines; 204 to a reader of events who has seen the end. */
    @GET
    public Uni<Void> read(@PathParam("build") String build, @Context HttpServerRequest request) {
        LogQuery query = LogQuery.of(request);
        return Outage.tell(builds.get(BuildsResource.reference(build)).chain(view -> events.isEnd(view, query.from())
                .chain(seen -> seen && query.format() == LogFormat.EVENTS
                        ? Uni.createFrom().voidItem()
                        : streams.send(request, answer(view.build().id, query)))));
    }

    private StreamedAnswer answer(UUID build, LogQuery query) {
        return new StreamedAnswer(query.format().contentType(), query.follow(), Outage.tell(chunks(build, query)));
    }

    private Multi<Buffer> chunks(UUID build, LogQuery query) {
        return switch (query.format()) {
            case TEXT -> lines(build, query).map(LogEncoder::text);
            case NDJSON -> lines(build, query).map(LogEncoder::ndjson);
            case EVENTS -> events.behind(build, query.from().n());
        };
    }

    private Multi<List<LogLine>> lines(UUID build, LogQuery query) {
        long after = query.from().n();
        return (query.follow() ? log.followBatches(build, after) : log.readAll(build, after))
                .filter(lines -> !lines.isEmpty());
    }
}
