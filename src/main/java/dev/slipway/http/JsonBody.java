package dev.slipway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A body read as JSON. Resources use it instead of an entity parameter: the framework moves a resource to a worker
 * thread as soon as the entity is longer than 10 KiB, where no database session of ours may live.
 */
public final class JsonBody {
    private static final int SHOWN = 80;

    /** Names are not remembered: they are strangers' words, and may be made to collide. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private JsonBody() {}

    /** What reads a document token by token; the parser stands before the first one. */
    @FunctionalInterface
    public interface Document {
        /** Reads up to the document's last token. */
        void read(JsonParser json) throws IOException;
    }

    /** Reads a body of at most {@code max} bytes; what is no JSON, or JSON of another form, is request-invalid. */
    public static <T> T read(BodyStream body, int max, ObjectReader reader) throws IOException {
        byte[] json = bytes(body, max);
        try {
            return reader.readValue(json);
        } catch (JsonProcessingException e) {
            throw refusal(e);
        }
    }

    /** The same token by token, for documents whose form says how much of them is kept; strictly UTF-8. */
    public static void parse(BodyStream body, int max, Document document) throws IOException {
        try (JsonParser json = JSON.createParser(text(bytes(body, max)))) {
            document.read(json);
            if (json.nextToken() != null) {
                throw invalid("tried to read the body as JSON but something follows the document");
            }
        } catch (JsonProcessingException e) {
            throw refusal(e);
        }
    }

    private static byte[] bytes(BodyStream body, int max) throws IOException {
        byte[] json = body.readNBytes(max);
        if (body.read() >= 0) {
            throw new SlipwayException(
                    ErrorCode.REQUEST_TOO_LARGE,
                    "tried to read the body as JSON but it is longer than " + max + " bytes");
        }
        if (json.length == 0) {
            throw invalid("tried to read the body as JSON but it is empty");
        }
        return json;
    }

    private static String text(byte[] json) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid("tried to read the body as JSON but it is not UTF-8");
        }
    }

    /** What is told of a body that the parser refused: the place, but not the parser's words, which name our classes. */
    static SlipwayException refusal(JsonProcessingException e) {
        String place = place(e);
        if (e instanceof StreamReadException) {
            return invalid("tried to read the body as JSON but it is not JSON" + place);
        }
        String field = e instanceof JsonMappingException mapping ? field(mapping) : "";
        if (field.isEmpty()) {
            return invalid("tried to read the body as JSON but it does not have the form asked for" + place);
        }
        String detail = "tried to read the field `" + field + "` of the body but it is of the wrong form" + place;
        return new SlipwayException(ErrorCode.REQUEST_INVALID, detail, Map.of("field", field), e);
    }

    /** A body that is not what was asked for. */
    public static SlipwayException invalid(String detail) {
        return new SlipwayException(ErrorCode.REQUEST_INVALID, detail);
    }

    /** A member's name as an answer may show it: no control characters, not endless. */
    public static String shown(String name) {
        String start = name.length() > SHOWN ? name.substring(0, SHOWN) + "…" : name;
        return start.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String place(JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        return at == null || at.getLineNr() < 1 ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private static String field(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }
}
