package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * One part of a form: its field's name, the file's name where it is a file, the type it claims to be ({@code text/plain}
 * where it claims none), and its bytes, to be read before the next part is asked for.
 */
public record Part(String name, Optional<String> filename, String contentType, InputStream content) {
    /** The whole content as text; refuses more than {@code max} bytes and what is not UTF-8. */
    public String text(int max) throws IOException {
        byte[] bytes = content.readNBytes(max);
        if (content.read() >= 0) {
            throw failure(ErrorCode.REQUEST_TOO_LARGE, "it is longer than " + max + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw failure(ErrorCode.REQUEST_INVALID, "it is not UTF-8 text");
        }
    }

    private SlipwayException failure(ErrorCode code, String reason) {
        String detail = "tried to read the field `" + name + "` of the form but " + reason;
        return new SlipwayException(code, detail, Map.of("field", name), null);
    }
}
