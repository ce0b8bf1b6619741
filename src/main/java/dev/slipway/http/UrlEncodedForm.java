package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;

/** A form as the URL standard's application/x-www-form-urlencoded. It is small, so it is read whole. */
final class UrlEncodedForm implements Form {
    /** A Dockerfile may be in it, an archive not. */
    private static final int MAX_SIZE = 4 * 1024 * 1024;

    private static final int MAX_FIELDS = 10_000;

    private final InputStream body;
    private Iterator<String> fields;

    UrlEncodedForm(InputStream body) {
        this.body = body;
    }

    @Override
    public Optional<Part> next() throws IOException {
        if (fields == null) {
            fields = Arrays.stream(read().split("&", MAX_FIELDS + 1))
                    .filter(field -> !field.isEmpty())
                    .iterator();
        }
        if (!fields.hasNext()) {
            return Optional.empty();
        }
        String[] pair = fields.next().split("=", 2);
        byte[] value = decode(pair.length == 1 ? "" : pair[1]);
        return Optional.of(new Part(name(pair[0]), Optional.empty(), "text/plain", new ByteArrayInputStream(value)));
    }

    /** One char a byte: what is not ASCII is no form, but browsers and people send it. */
    private String read() throws IOException {
        byte[] bytes = body.readNBytes(MAX_SIZE);
        if (body.read() >= 0) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_TOO_LARGE,
                    "tried to read the form but it is longer than " + MAX_SIZE
                            + " bytes; send it as multipart/form-data");
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.chars().filter(c -> c == '&').count() >= MAX_FIELDS) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_TOO_LARGE,
                    "tried to read the form but it has more than " + MAX_FIELDS + " fields");
        }
        return text;
    }

    private static String name(String encoded) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decode(encoded)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw MultipartReader.invalid("tried to read the form but the name of a field is not UTF-8");
        }
    }

    private static byte[] decode(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                bytes.write(hex(encoded, i + 1) << 4 | hex(encoded, i + 2));
                i += 2;
            } else {
                bytes.write(c == '+' ? ' ' : c);
            }
        }
        return bytes.toByteArray();
    }

    private static int hex(String encoded, int at) {
        int digit = at < encoded.length() ? Character.digit(encoded.charAt(at), 16) : -1;
        if (digit < 0) {
            throw MultipartReader.invalid("tried to read the form but a % in it is not followed by two hex digits");
        }
        return digit;
    }
}
