package dev.slipway.source;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The ARGs a Dockerfile's words may use: the global ones before the first FROM, and those of the stage that is read. */
final class BuildVariables {
    private static final int MAX_VALUES = 1 << 20; // characters in all: a short line can repeat a long value

    private final Map<String, String> given;
    private final Map<String, String> predefined;
    private final Map<String, String> global = new HashMap<>();
    private final Set<String> unknownGlobally = new HashSet<>();
    private final Set<String> environment = new HashSet<>();
    private Set<String> unknown = new HashSet<>();
    private Map<String, String> stage;
    private int room = MAX_VALUES;

    BuildVariables(Map<String, String> given, Platform target) {
        this.given = Map.copyOf(given);
        this.predefined = platform(target);
    }

    private static Map<String, String> platform(Platform target) {
        Map<String, String> values = new LinkedHashMap<>();
        addPlatform(values, "TARGET", target);
        addPlatform(values, "BUILD", Platform.host());
        return values;
    }

    private static void addPlatform(Map<String, String> values, String prefix, Platform platform) {
        values.put(prefix + "PLATFORM", platform.toString());
        values.put(prefix + "OS", platform.os());
        values.put(prefix + "ARCH", platform.architecture());
        values.put(prefix + "VARIANT", platform.variant().orElse(""));
    }

    /** A stage begins: it sees only what it declares. */
    void beginStage() {
        stage = new HashMap<>();
        unknown = new HashSet<>();
    }

    /** An ARG without a value of its own, or with one that a build argument may replace. */
    void declare(String name, Optional<String> otherwise) {
        Map<String, String> scope = stage == null ? global : stage;
        if (given.containsKey(name)) {
            know(name, given.get(name));
        } else if (otherwise.isPresent() && !otherwise.get().equals(predefined.getOrDefault(name, otherwise.get()))) {
            declareUnknown(name); // one builder's own value wins, and another's gives way
        } else if (otherwise.isPresent() && otherwise.get().length() > room) {
            declareUnknown(name);
        } else if (otherwise.isPresent()) {
            room -= otherwise.get().length();
            know(name, otherwise.get());
        } else if (stage != null && unknownGlobally.contains(name)) {
            declareUnknown(name);
        } else if (stage != null && global.containsKey(name)) {
            know(name, global.get(name));
        } else if (predefined.containsKey(name)) {
            know(name, predefined.get(name));
        } else {
            scope.putIfAbsent(name, ""); // said again without a value it keeps the one it has
        }
    }

    private void know(String name, String value) {
        (stage == null ? global : stage).put(name, value);
        (stage == null ? unknownGlobally : unknown).remove(name);
    }

    /** An ARG whose own value cannot be told: unless a build argument replaces it, nobody may use it. */
    void declareUnknown(String name) {
        if (given.containsKey(name)) {
            know(name, given.get(name));
            return;
        }
        (stage == null ? unknownGlobally : unknown).add(name);
        if (name.equals("TARGETPLATFORM")) {
            List.of("TARGETOS", "TARGETARCH", "TARGETVARIANT").forEach(this::declareUnknown);
        }
    }

    /** An ENV: whether it or the ARG of its name counts is told differently, also in the stages that build on this one. */
    void declareEnvironment(String name) {
        environment.add(name);
    }

    /** Whether a variable's value as FROM and global ARGs see it cannot be told. */
    boolean isUnknownGlobally(String name) {
        return unknownGlobally.contains(name);
    }

    /** The same as the stage's instructions see it. */
    boolean isUnknown(String name) {
        return stage == null ? isUnknownGlobally(name) : unknown.contains(name) || environment.contains(name);
    }

    /** A variable as FROM and global ARGs see it. */
    Optional<String> globalValue(String name) {
        return Optional.ofNullable(global.getOrDefault(name, predefined.get(name)));
    }

    /** A variable as the stage's instructions see it. */
    Optional<String> stageValue(String name) {
        return stage == null ? globalValue(name) : Optional.ofNullable(stage.get(name));
    }
}
