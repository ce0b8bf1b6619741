package dev.slipway.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A header's value with its parameters, such as {@code form-data; name="file"}. */
record HeaderValue(String value, Map<String, String> parameters) {
    /** Reads a value; throws IllegalArgumentException saying what is wrong with it. */
    static HeaderValue parse(String text) {
        int semicolon = text.indexOf(';');
        String value = (semicolon < 0 ? text : text.substring(0, semicolon)).strip();
        Map<String, String> parameters = new LinkedHashMap<>();
        if (semicolon >= 0) {
            new Parameters(text, semicolon).readInto(parameters);
        }
        return new HeaderValue(value.toLowerCase(Locale.ROOT), parameters);
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** The characters of an RFC 5987 value, {@code UTF-8''na%C3%AFve}; empty where it is none or of another charset. */
    static Optional<String> decodeExtended(String text) {
        int language = text.indexOf('\'');
        int start = text.indexOf('\'', language + 1);
        if (language < 0 || start < 0 || !text.substring(0, language).equalsIgnoreCase("utf-8")) {
            return Optional.empty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = start + 1; i < text.length(); i++) {
            int hex = text.charAt(i) == '%' ? hexAt(text, i + 1) : -1;
            bytes.write(hex >= 0 ? hex : text.charAt(i));
            i += hex >= 0 ? 2 : 0;
        }
        return Optional.of(bytes.toString(StandardCharsets.UTF_8));
    }

    private static int hexAt(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    /** The parameters behind a value, read from left to right. */
    private static final class Parameters {
        private final String text;
        private int at;

        Parameters(String text, int semicolon) {
            this.text = text;
            this.at = semicolon;
        }

        void readInto(Map<String, String> parameters) {
            while (at < text.length()) {
                if (text.charAt(at) != ';') {
                    throw new IllegalArgumentException("its parameters lack a semicolon between them");
                }
                at++;
                String name = upTo("=;").strip().toLowerCase(Locale.ROOT);
                if (name.isEmpty() && !isAt('=')) {
                    continue; // a stray semicolon
                }
                if (!isAt('=')) {
                    throw new IllegalArgumentException("its parameter " + name + " has no value");
                }
                at++;
                if (parameters.putIfAbsent(name, value(name)) != null) {
                    throw new IllegalArgumentException("its parameter " + name + " is given twice");
                }
            }
        }

        private String value(String name) {
            skipBlanks();
            String value = isAt('"') ? quoted(name) : upTo(";").strip();
            skipBlanks();
            return value;
        }

        private String quoted(String name) {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return value.toString();
                }
                // Browsers send a path's backslashes as they are, so only what must be escaped counts as an escape.
                if (c == '\\' && at + 1 < text.length() && "\"\\".indexOf(text.charAt(at + 1)) >= 0) {
                    c = text.charAt(++at);
                }
                value.append(c);
            }
            throw new IllegalArgumentException("the quote of its parameter " + name + " is not closed");
        }

        private String upTo(String ends) {
            int start = at;
            while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        private void skipBlanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private boolean isAt(char c) {
            return at < text.length() && text.charAt(at) == c;
        }
    }
}
