package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an answer must be: JSON with the same members and values, or plain text. A string may hold placeholders:
 * <code>{{name}}</code> is what is known by that name, <code>{{kind:name}}</code> is anything of a kind, and known by the
 * name from then on (<code>{{kind:}}</code> where nobody asks again). A string that is nothing but <code>{{int:…}}</code>
 * stands for a number.
 */
final class Expectation {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(?:([a-z]+):)?([A-Za-z_]*)}}");

    private static final Map<String, String> KINDS = Map.of(
            "uuid", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            "int", "[0-9]+",
            "digest", "sha256:[0-9a-f]{64}",
            "hex", "[0-9a-f]+",
            "time", "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|\\+00:00)",
            "stamp", "[0-9]{14}",
            "text", "(?s:.+)");

    private final Map<String, String> known;
    private final Map<String, String> captured = new TreeMap<>();

    Expectation(Map<String, String> known) {
        this.known = known;
    }

    /** Fails where the answer is another; returns what the placeholders took. */
    Map<String, String> compare(String expected, String actual, String where) {
        if (expected.matches("(?s)(\\{(?!\\{)|\\[).*")) {
            same(Json.decodeValue(expected), Json.decodeValue(actual), where + " in " + actual + " at ");
        } else {
            text(expected, actual, where);
        }
        return captured;
    }

    private void same(Object expected, Object actual, String where) {
        switch (expected) {
            case JsonObject object -> {
                assertThat(actual).as(where).isInstanceOf(JsonObject.class);
                assertThat(((JsonObject) actual).fieldNames()).as(where).isEqualTo(object.fieldNames());
                object.forEach(member -> same(
                        member.getValue(),
                        ((JsonObject) actual).getValue(member.getKey()),
                        where + "." + member.getKey()));
            }
            case JsonArray array -> {
                assertThat(actual).as(where).isInstanceOf(JsonArray.class);
                assertThat(((JsonArray) actual).size()).as(where).isEqualTo(array.size());
                for (int i = 0; i < array.size(); i++) {
                    same(array.getValue(i), ((JsonArray) actual).getValue(i), where + "[" + i + "]");
                }
            }
            case String text
            when text.matches("\\{\\{int:[A-Za-z_]*}}") -> {
                assertThat(actual).as(where).isInstanceOf(Number.class);
                text(text, actual.toString(), where);
            }
            case String text -> {
                assertThat(actual).as(where).isInstanceOf(String.class);
                text(text, (String) actual, where);
            }
            case null -> assertThat(actual).as(where).isNull();
            default -> assertThat(actual).as(where).isEqualTo(expected);
        }
    }

    private void text(String expected, String actual, String where) {
        StringBuilder pattern = new StringBuilder();
        java.util.List<String> names = new java.util.ArrayList<>();
        Matcher placeholder = PLACEHOLDER.matcher(expected);
        int end = 0;
        while (placeholder.find()) {
            pattern.append(Pattern.quote(expected.substring(end, placeholder.start())));
            pattern.append('(').append(form(placeholder, where)).append(')');
            names.add(placeholder.group(2));
            end = placeholder.end();
        }
        pattern.append(Pattern.quote(expected.substring(end)));
        Matcher found = Pattern.compile(pattern.toString()).matcher(actual);
        assertThat(found.matches())
                .as("%s: expected %s but was %s", where, expected, actual)
                .isTrue();
        for (int i = 0; i < names.size(); i++) {
            captured.put(names.get(i), found.group(i + 1));
        }
    }

    private String form(Matcher placeholder, String where) {
        String kind = placeholder.group(1);
        String name = placeholder.group(2);
        if (kind == null) {
            String value = captured.getOrDefault(name, known.get(name));
            assertThat(value).as("%s: nothing is known as %s", where, name).isNotNull();
            return Pattern.quote(value);
        }
        assertThat(KINDS).as(where).containsKey(kind);
        return KINDS.get(kind);
    }
}
