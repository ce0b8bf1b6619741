package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/** A form as the URL standard's application/x-www-form-urlencoded. It is small, so it is read whole. */
final class UrlEncodedForm implements Form {
    /** A Dockerfile may be in it, an archive not. */
    static final int MAX_SIZE = 4 * 1024 * 1024;

    private static final int MAX_FIELDS = 10_000;

    private final InputStream body;
    private Iterator<Map.Entry<String, String>> fields;

    UrlEncodedForm(InputStream body) {
        this.body = body;
    }

    @Override
    public Optional<Part> next() throws IOException {
        if (fields == null) {
            fields = Query.parse(read()).iterator();
        }
        if (!fields.hasNext()) {
            return Optional.empty();
        }
        Map.Entry<String, String> field = fields.next();
        byte[] value = field.getValue().getBytes(StandardCharsets.UTF_8);
        return Optional.of(new Part(field.getKey(), Optional.empty(), "text/plain", new ByteArrayInputStream(value)));
    }

    private String read() throws IOException {
        byte[] bytes = body.readNBytes(MAX_SIZE);
        if (body.read() >= 0) {
            throw tooLarge("it is longer than " + MAX_SIZE + " bytes; send it as multipart/form-data");
        }
        String text = text(bytes);
        if (text.chars().filter(c -> c == '&').count() >= MAX_FIELDS) {
            throw tooLarge("it has more than " + MAX_FIELDS + " fields");
        }
        return text;
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw MultipartReader.invalid("tried to read the form but it is not UTF-8");
        }
    }

    private static SlipwayException tooLarge(String why) {
        return new SlipwayException(ErrorCode.REQUEST_TOO_LARGE, "tried to read the form but " + why);
    }
}
