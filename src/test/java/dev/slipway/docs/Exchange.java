package dev.slipway.docs;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A request and its answer, as far as the API's description speaks of them. */
public record Exchange(String method, String path, int status, Map<String, String> headers, String body) {
    /** With headers found whatever the case of their names. */
    public Exchange {
        Map<String, String> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        named.putAll(headers);
        headers = named;
    }

    /** With the first value of each header counting. */
    public static Exchange of(String method, String path, int status, Map<String, List<String>> headers, String body) {
        Map<String, String> first = new TreeMap<>();
        headers.forEach((name, values) -> first.put(name, values.getFirst()));
        return new Exchange(method, path, status, first, body);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** The body's type without parameters; empty where there is none. */
    String mediaType() {
        return header("Content-Type").map(type -> type.split(";", 2)[0].strip()).orElse("");
    }

    /** An event of a stream, comments left out. */
    record Event(String id, String name, String data) {}

    /** The body as server-sent events. */
    List<Event> events() {
        return Stream.of(body.split("\n\n"))
                .map(event -> new Event(field(event, "id"), field(event, "event"), field(event, "data")))
                .filter(event -> !event.name().isEmpty())
                .toList();
    }

    private static String field(String event, String name) {
        return event.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public String toString() {
        return method + " " + path + " -> " + status + " " + headers + "\n" + body;
    }
}
