package dev.slipway.build;

import java.util.EnumSet;
import java.util.Set;

/** The states of a build and the transitions between them; V1__build.sql repeats both. */
public enum BuildStatus {
    /** Waits for a worker. */
    QUEUED,
    /** A worker holds its lease. */
    RUNNING,
    /** All targets are pushed, or were superseded. */
    SUCCEEDED,
    /** It ended with an error. */
    FAILED,
    /** Somebody asked for its end. */
    CANCELLED;

    /** The states that may follow this one. */
    public Set<BuildStatus> next() {
        return switch (this) {
            case QUEUED -> EnumSet.of(RUNNING, CANCELLED);
            case RUNNING -> EnumSet.of(SUCCEEDED, FAILED, CANCELLED, QUEUED);
            case FAILED, CANCELLED -> EnumSet.of(QUEUED);
            case SUCCEEDED -> EnumSet.noneOf(BuildStatus.class);
        };
    }

    /** Whether the build is over, unless somebody retries it. */
    public boolean isFinal() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
