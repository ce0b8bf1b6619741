package dev.slipway.api;

import dev.slipway.build.Builds;
import dev.slipway.error.SlipwayException;
import dev.slipway.joblog.JobLog;
import dev.slipway.joblog.LogLine;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The log of a build over HTTP. */
@Path("/api/v1/builds/{build}/logs")
public class LogResource {
    private final Builds builds;
    private final JobLog log;

    LogResource(Builds builds, JobLog log) {
        this.builds = builds;
        this.log = log;
    }

    /** Shows the log as text; with {@code follow=true} until the build ends, with {@code after=N} from behind line N. */
    @GET
    @Produces(MediaType.TEXT_PLAIN)
    public Multi<String> text(
            @PathParam("build") String build,
            @QueryParam("follow") Optional<String> follow,
            @QueryParam("after") Optional<String> after) {
        boolean following = flag(follow);
        long from = line(after);
        Uni<UUID> id = builds.get(BuildsResource.reference(build)).map(view -> view.build().id);
        return id.onItem()
                .transformToMulti(known -> following ? log.followBatches(known, from) : log.readAll(known, from))
                .filter(lines -> !lines.isEmpty())
                .map(LogResource::text);
    }

    private static String text(List<LogLine> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.text()).append('\n'));
        return text.toString();
    }

    private static boolean flag(Optional<String> text) {
        return switch (text.orElse("false")) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default ->
                throw SlipwayException.invalidField(
                        "follow", "tried to read the query parameter `follow` but it is neither true nor false");
        };
    }

    private static long line(Optional<String> text) {
        return text.map(number -> {
                    if (!number.matches("[0-9]{1,18}")) {
                        throw SlipwayException.invalidField(
                                "after", "tried to read the query parameter `after` but it is not a line's number");
                    }
                    return Long.parseLong(number);
                })
                .orElse(0L);
    }
}
