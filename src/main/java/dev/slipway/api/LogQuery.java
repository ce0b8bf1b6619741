package dev.slipway.api;

import dev.slipway.error.SlipwayException;
import dev.slipway.http.Query;
import dev.slipway.http.SingleHeader;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a request for a log asks for: in which form, from where, and whether to go on until the build ends. */
record LogQuery(LogFormat format, LogPosition from, boolean follow) {
    private static final String LAST_EVENT_ID = "Last-Event-ID";

    static LogQuery of(HttpServerRequest request) {
        LogFormat format = LogFormat.choose(request.headers().getAll(HttpHeaders.ACCEPT));
        List<Map.Entry<String, String>> query = Query.parse(request.query());
        boolean follow = Query.single(query, "follow").map(LogQuery::flag).orElse(false);
        Optional<LogPosition> after = Query.single(query, "after").map(text -> LogPosition.parse("after", text));
        // A browser that reconnects repeats its first address, so `after` is the older of the two.
        Optional<LogPosition> last = format != LogFormat.EVENTS
                ? Optional.empty()
                : SingleHeader.of(request, LAST_EVENT_ID)
                        .filter(text -> !text.isEmpty())
                        .map(text -> LogPosition.parse(LAST_EVENT_ID, text));
        return new LogQuery(
                format, last.or(() -> after).orElse(LogPosition.START), follow || format == LogFormat.EVENTS);
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
