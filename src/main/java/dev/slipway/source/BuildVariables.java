package dev.slipway.source;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The ARGs a Dockerfile's words may use: the global ones before the first FROM, and those of the stage that is read. */
final class BuildVariables {
    private final Map<String, String> given;
    private final Map<String, String> predefined;
    private final Map<String, String> global = new HashMap<>();
    private Map<String, String> stage;

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
    }

    /** An ARG without a value of its own, or with one that a build argument may replace. */
    void declare(String name, Optional<String> otherwise) {
        String value = given.get(name);
        if (value == null) {
            value = otherwise.orElseGet(() -> inherited(name));
        }
        (stage == null ? global : stage).put(name, value);
    }

    /** An ARG whose own value cannot be told: unless a build argument replaces it, nobody may use it. */
    void declareUnknown(String name) {
        Map<String, String> scope = stage == null ? global : stage;
        scope.remove(name);
        if (given.containsKey(name)) {
            scope.put(name, given.get(name));
        }
    }

    // A declared variable without a value is empty, as Docker has it.
    private String inherited(String name) {
        String value = stage == null ? null : global.get(name);
        return value != null ? value : predefined.getOrDefault(name, "");
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
