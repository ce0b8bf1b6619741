package dev.slipway.build;

import java.util.Locale;

/** What became of one target of a build. */
public enum TargetStatus {
    /** Not pushed yet. */
    PENDING,
    /** The registry has it. */
    PUSHED,
    /** The registry did not take it. */
    FAILED,
    /** A build that was queued later has pushed it already: the tag does not move back. */
    SUPERSEDED;

    /** As it stands in the database and in answers. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
