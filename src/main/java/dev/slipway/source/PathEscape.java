package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.Serial;
import java.util.Map;

/** A name that leads out of the archive's root. */
final class PathEscape extends SlipwayException {
    @Serial
    private static final long serialVersionUID = 1L;

    PathEscape(String entry) {
        super(
                ErrorCode.ARCHIVE_PATH_ESCAPE,
                "tried to read entry '" + Refusal.shown(entry)
                        + "' of the archive but its name leads out of the archive's root",
                Map.of("entry", Refusal.shown(entry)),
                null);
    }
}
