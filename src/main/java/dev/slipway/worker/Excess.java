package dev.slipway.worker;

import dev.slipway.buildah.Limits;
import dev.slipway.error.ErrorCode;
import dev.slipway.process.ControlGroup;
import java.util.Optional;

/**
 * Which limit a build went over, for which it was ended.
 *
 * @param code what that failure is called; where it is empty, the step's own
 * @param why continues "tried to … but "
 */
record Excess(Optional<ErrorCode> code, String why) {
    static Excess of(String why) {
        return new Excess(Optional.empty(), why);
    }

    static Excess ofProcesses(Limits limits) {
        return of("it had more than " + limits.processes() + " processes and threads at a time");
    }

    static Excess ofMemory(Limits limits) {
        return of("it used more than " + Limits.size(limits.memory()) + " of memory");
    }

    /** What the kernel has ended it for. */
    static Excess of(ControlGroup.Refusal refusal, Limits limits) {
        return switch (refusal) {
            case MEMORY -> ofMemory(limits);
            case PROCESSES -> ofProcesses(limits);
            case MEMORY_OF_ALL -> of("the machine ran out of memory, and the kernel killed it for that");
        };
    }

    static Excess ofDisk(String why) {
        return new Excess(Optional.of(ErrorCode.STORAGE_FULL), why);
    }
}
