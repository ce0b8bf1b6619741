package dev.slipway.http;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What stands on top of a part, understood; throws IllegalArgumentException saying what is wrong with it. */
record PartHeaders(String name, Optional<String> filename, String contentType) {
    private static final Set<String> PLAIN_ENCODINGS = Set.of("7bit", "8bit", "binary");

    static PartHeaders parse(String block) {
        Map<String, String> fields = fields(block);
        String encoding = fields.getOrDefault("content-transfer-encoding", "binary");
        if (!PLAIN_ENCODINGS.contains(encoding.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("its Content-Transfer-Encoding is not supported");
        }
        HeaderValue disposition = disposition(fields.get("content-disposition"));
        String name = disposition
                .parameter("name")
                .map(PartHeaders::unescape)
                .orElseThrow(() -> new IllegalArgumentException("its Content-Disposition has no name"));
        return new PartHeaders(name, filename(disposition), fields.getOrDefault("content-type", "text/plain"));
    }

    private static HeaderValue disposition(String field) {
        if (field == null) {
            throw new IllegalArgumentException("it has no Content-Disposition");
        }
        HeaderValue disposition = HeaderValue.parse(field);
        if (!disposition.value().equals("form-data")) {
            throw new IllegalArgumentException("its Content-Disposition is not form-data");
        }
        return disposition;
    }

    private static Optional<String> filename(HeaderValue disposition) {
        // RFC 7578 forbids filename*, but older Python clients send it, and then nothing else.
        return disposition.parameter("filename").map(PartHeaders::unescape).or(() -> disposition
                .parameter("filename*")
                .flatMap(HeaderValue::decodeExtended));
    }

    /** Browsers and newer curls write these three so, and only these: any other percent sign is itself. */
    private static String unescape(String text) {
        return text.replace("%22", "\"")
                .replace("%0D", "\r")
                .replace("%0d", "\r")
                .replace("%0A", "\n")
                .replace("%0a", "\n");
    }

    private static Map<String, String> fields(String block) {
        Map<String, String> fields = new LinkedHashMap<>();
        String unfolded = block.replace("\r\n ", " ").replace("\r\n\t", " ");
        for (String line : unfolded.split("\r\n")) {
            if (line.isEmpty()) {
                continue;
            }
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IllegalArgumentException("a line of its header has no colon");
            }
            String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            if (fields.putIfAbsent(name, line.substring(colon + 1).strip()) != null) {
                throw new IllegalArgumentException("its header has " + name + " twice");
            }
        }
        return fields;
    }
}
