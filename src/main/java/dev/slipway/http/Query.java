package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters of a query, or of a form in the same encoding, in their order; unlike the framework's reading, what is no
 * UTF-8 is refused and not replaced.
 */
public final class Query {
    private Query() {}

    /** Reads a query as it stands in the address (null where there is none). */
    public static List<Map.Entry<String, String>> parse(String query) {
        List<Map.Entry<String, String>> parameters = new ArrayList<>();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                String name = decode(parts[0], "");
                parameters.add(
                        new AbstractMap.SimpleImmutableEntry<>(name, parts.length < 2 ? "" : decode(parts[1], name)));
            }
        }
        return parameters;
    }

    private static String decode(String text, String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePointAt(i);
            if (c == '%') {
                bytes.write(hex(text, i + 1, name) << 4 | hex(text, i + 2, name));
                i += 2;
            } else {
                bytes.writeBytes((c == '+' ? " " : Character.toString(c)).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(c) - 1;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid(name, "what it stands for is not UTF-8");
        }
    }

    private static int hex(String text, int at, String name) {
        int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
        if (digit < 0) {
            throw invalid(name, "a % is not followed by two hexadecimal digits");
        }
        return digit;
    }

    private static SlipwayException invalid(String name, String why) {
        return name.isEmpty()
                ? new SlipwayException(ErrorCode.REQUEST_INVALID, "tried to read a query parameter's name but " + why)
                : SlipwayException.invalidField(name, "tried to read the field `" + name + "` but " + why);
    }

    /** The value of a parameter that means something only once; refuses a query that has it twice. */
    public static Optional<String> single(List<Map.Entry<String, String>> parameters, String name) {
        List<String> values = parameters.stream()
                .filter(parameter -> parameter.getKey().equals(name))
                .map(Map.Entry::getValue)
                .toList();
        if (values.size() > 1) {
            throw invalid(name, "it is given twice");
        }
        return values.stream().findFirst();
    }
}
