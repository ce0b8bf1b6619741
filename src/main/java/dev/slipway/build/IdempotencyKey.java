package dev.slipway.build;

import dev.slipway.error.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The name a caller gives to a request, so that sending it again does not do it again. */
public record IdempotencyKey(String value) {
    /** The header that it comes in. */
    public static final String HEADER = "Idempotency-Key";

    /** How long a key is remembered. */
    static final Duration KEPT = Duration.ofHours(24);

    private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,255}");

    /** Reads the header; refuses what is empty, longer than 255 characters, or not printable ASCII without blanks. */
    public static IdempotencyKey parse(String header) {
        if (!FORM.matcher(header).matches()) {
            throw SlipwayException.invalidField(
                    HEADER,
                    "tried to read the header Idempotency-Key but it is not 1 to 255 printable characters without blanks");
        }
        return new IdempotencyKey(header);
    }

    /** What makes two requests the same: source, targets and options, never credentials. */
    static String fingerprint(BuildRequest request, String options) {
        StringBuilder text = new StringBuilder(request.origin().name())
                .append('\n')
                .append(request.source().kind())
                .append('\n')
                .append(request.source().sha256())
                .append('\n')
                .append(options);
        request.targets().forEach(target -> text.append('\n').append(target));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
