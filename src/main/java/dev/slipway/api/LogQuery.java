package dev.slipway.api;

import dev.slipway.error.SlipwayException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;

/** What a request for a log asks for: in which form, from where, and whether to go on until the build ends. */
record LogQuery(LogFormat format, LogPosition from, boolean follow) {
    private static final String LAST_EVENT_ID = "Last-Event-ID";

    static LogQuery of(HttpServerRequest request) {
        LogFormat format = LogFormat.choose(request.headers().getAll(HttpHeaders.ACCEPT));
        boolean follow = single(request.params(), "follow").map(LogQuery::flag).orElse(false);
        Optional<LogPosition> after = single(request.params(), "after").map(text -> LogPosition.parse("after", text));
        // A browser that reconnects repeats its first address, so `after` is the older of the two.
        Optional<LogPosition> last = format != LogFormat.EVENTS
                ? Optional.empty()
                : single(request.headers(), LAST_EVENT_ID)
                        .filter(text -> !text.isEmpty())
                        .map(text -> LogPosition.parse(LAST_EVENT_ID, text));
        return new LogQuery(
                format, last.or(() -> after).orElse(LogPosition.START), follow || format == LogFormat.EVENTS);
    }

    private static Optional<String> single(MultiMap values, String name) {
        List<String> given = values.getAll(name);
        if (given.size() > 1) {
            throw SlipwayException.invalidField(name, "tried to read `" + name + "` but it is given more than once");
        }
        return given.stream().findFirst();
    }

    private static boolean flag(String text) {
        return switch (text) {
            case "true", "1", "" -> true;
            case "false", "0" -> false;
            default ->
                throw SlipwayException.invalidField(
                        "follow", "tried to read the query parameter `follow` but it is neither true nor false");
        };
    }
}
