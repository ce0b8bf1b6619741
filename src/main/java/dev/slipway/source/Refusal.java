package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The sentences in which an archive is refused. */
final class Refusal {
    private static final int SHOWN = 200;

    private Refusal() {}

    /** The archive as a whole is at fault. */
    static SlipwayException archive(ErrorCode code, String why) {
        return new SlipwayException(code, "tried to read the archive but " + why);
    }

    /** The archive as a whole is damaged, as a library found. */
    static SlipwayException corrupt(String why, Throwable cause) {
        return new SlipwayException(ErrorCode.ARCHIVE_CORRUPT, "tried to read the archive but " + why, cause);
    }

    /** One entry is at fault. */
    static SlipwayException entry(ErrorCode code, String name, String why) {
        String shown = shown(name);
        return new SlipwayException(
                code, "tried to read entry '" + shown + "' of the archive but " + why, Map.of("entry", shown), null);
    }

    /** A name as an answer or a log may show it: no control characters, not endless. */
    static String shown(String name) {
        StringBuilder shown = new StringBuilder();
        name.codePoints().limit(SHOWN).forEach(point -> {
            if (Character.isISOControl(point) || Character.getType(point) == Character.FORMAT) {
                shown.append(String.format("\\u%04x", point));
            } else {
                shown.appendCodePoint(point);
            }
        });
        return name.codePointCount(0, name.length()) > SHOWN ? shown + "…" : shown.toString();
    }

    /** The same of a name that need not be UTF-8. */
    static String shown(byte[] name) {
        return shown(new String(name, StandardCharsets.UTF_8));
    }
}
