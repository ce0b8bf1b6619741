package dev.slipway.process;

import java.time.Duration;

/** How a command ended. */
public sealed interface CommandResult {
    /** It ended by itself; 128 + signal where a signal ended it. */
    record Exited(int code) implements CommandResult {}

    /** It ran longer than its deadline and was killed. */
    record TimedOut(Duration after) implements CommandResult {}

    /** Somebody asked for it to be killed. */
    record Killed() implements CommandResult {}

    /** Whether it ended by itself with code 0. */
    default boolean succeeded() {
        return this instanceof Exited(int code) && code == 0;
    }
}
