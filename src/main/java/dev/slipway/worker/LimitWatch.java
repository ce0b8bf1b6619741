package dev.slipway.worker;

import dev.slipway.buildah.Limits;
import dev.slipway.process.Census;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Counts the processes and the memory of this process's builds, and ends a build that has more than it may; where the
 * machine itself runs out of memory, the build that has most.
 */
final class LimitWatch {
    private final Supplier<Set<RunningAttempt>> attempts;
    private final Limits limits;

    LimitWatch(Supplier<Set<RunningAttempt>> attempts, Limits limits) {
        this.attempts = attempts;
        this.limits = limits;
    }

    /** What the processes of one attempt use. */
    private record Use(RunningAttempt attempt, List<Census.Group> groups) {
        int tasks() {
            return groups.stream().mapToInt(Census.Group::tasks).sum();
        }

        long memoryAtMost() {
            return groups.stream().mapToLong(Census.Group::memoryAtMost).sum();
        }

        long memory() {
            return groups.stream().mapToLong(Census.Group::memory).sum();
        }
    }

    /** Looks once. */
    void runOnce() {
        Map<RunningAttempt, Set<String>> namespaces = new HashMap<>();
        attempts.get().forEach(attempt -> attempt.askTheKernel(limits));
        attempts.get().stream()
                .filter(attempt -> attempt.excess().isEmpty())
                .forEach(attempt -> namespaces.put(attempt, attempt.namespaces()));
        Set<String> all =
                namespaces.values().stream().flatMap(Collection::stream).collect(Collectors.toSet());
        if (all.isEmpty()) {
            return;
        }
        Map<String, Census.Group> census = Census.of(all);
        List<Use> uses = namespaces.entrySet().stream()
                .map(entry -> new Use(
                        entry.getKey(),
                        entry.getValue().stream().map(census::get).toList()))
                .toList();
        uses.forEach(this::judge);
        if (isMachineShort()) {
            endLargest(uses);
        }
    }

    private void judge(Use use) {
        if (use.tasks() > limits.processes()) {
            use.attempt().exceed(Excess.ofProcesses(limits));
        } else if (use.memoryAtMost() > limits.memory() && use.memory() > limits.memory()) {
            use.attempt().exceed(Excess.ofMemory(limits));
        }
    }

    private boolean isMachineShort() {
        try {
            return Census.machineAvailable() < limits.minFreeMemory();
        } catch (IOException e) {
            return false;
        }
    }

    /** One at a time: while one is being ended its memory is on its way back. */
    private void endLargest(List<Use> uses) {
        if (attempts.get().stream().anyMatch(attempt -> attempt.excess().isPresent())) {
            return;
        }
        Optional<Use> largest = uses.stream().max(Comparator.comparingLong(Use::memory));
        largest.filter(use -> use.memory() > limits.minFreeMemory()).ifPresent(use -> use.attempt()
                .exceed(Excess.of(
                        "the machine ran out of memory, of which it used most: " + Limits.size(use.memory()))));
    }
}
