package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** One walk through a Dockerfile that gathers the images it needs from outside. */
final class ImageNames {
    private final DockerfileLines lines;
    private final BuildVariables variables;
    private final Optional<String> target;
    private final Set<String> images = new LinkedHashSet<>();
    private final List<String> stages = new ArrayList<>();

    ImageNames(DockerfileLines lines, BuildVariables variables, Optional<String> target) {
        this.lines = lines;
        this.variables = variables;
        this.target = target.filter(name -> !name.isBlank());
    }

    /** The images, in the order in which they are named. */
    List<String> gather() {
        lines.inHeredocs().forEach(this::judgeOnly);
        for (Instruction each : lines.instructions()) {
            if (each.keyword().equals("FROM") && isTarget()) {
                return List.copyOf(images);
            }
            read(each);
        }
        if (target.isPresent() && !isTarget()) {
            throw new SlipwayException(
                    ErrorCode.DOCKERFILE_POLICY,
                    "tried to find the stage '" + Refusal.shown(target.get())
                            + "' but the Dockerfile has none of that name");
        }
        return List.copyOf(images);
    }

    /** Whether the stage just read is the one that is asked for. */
    private boolean isTarget() {
        int last = stages.size() - 1;
        return last >= 0
                && target.map(name -> name.equalsIgnoreCase(stages.get(last)) || name.equals(String.valueOf(last)))
                        .orElse(false);
    }

    private void read(Instruction instruction) {
        switch (instruction.keyword()) {
            case "ARG" -> declare(instruction);
            case "FROM" -> from(instruction);
            case "ONBUILD" -> judgeOnly(instruction.inner());
            default -> namedBy(instruction).forEach(name -> addUnlessStage(instruction, name));
        }
    }

    // Many ARGs are used by RUN alone; that one of them cannot be told here matters only if an image needs it.
    private void declare(Instruction instruction) {
        for (String word : instruction.quotedWords(lines.escape())) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            try {
                variables.declare(
                        name,
                        equals < 0 ? Optional.empty() : Optional.of(argValue(instruction, word.substring(equals + 1))));
            } catch (SlipwayException e) {
                variables.declareUnknown(name);
            }
        }
    }

    // What is undefined is empty in an ARG's value, as Docker has it.
    private String argValue(Instruction instruction, String word) {
        return replace(
                instruction, name -> Optional.of(variables.stageValue(name).orElse("")), word);
    }

    private void from(Instruction instruction) {
        List<String> words = instruction.words();
        if (!isFromForm(words)) {
            throw instruction.refuse("it has not the form FROM image [AS name]");
        }
        String image = replace(instruction, variables::globalValue, words.getFirst());
        if (!image.equals("scratch") && !isStageName(image)) {
            images.add(ImagePolicy.judge(instruction, image));
        }
        stages.add(words.size() == 3 ? words.get(2).toLowerCase(Locale.ROOT) : String.valueOf(stages.size()));
        variables.beginStage();
    }

    private void addUnlessStage(Instruction instruction, String word) {
        String name = replace(instruction, variables::stageValue, word);
        if (!isStageName(name) && !isStageIndex(name) && !name.equals("scratch")) {
            images.add(ImagePolicy.judge(instruction, name));
        }
    }

    // An instruction this build may or may not run: nothing it names is needed, and nothing forbidden may be named.
    private void judgeOnly(Instruction instruction) {
        List<String> named = instruction.keyword().equals("FROM") && isFromForm(instruction.words())
                ? List.of(instruction.words().getFirst())
                : namedBy(instruction);
        for (String word : named) {
            if (!word.contains("$")) {
                String name = replace(instruction, variables::stageValue, word);
                if (!name.isBlank()) {
                    ImagePolicy.judge(instruction, name);
                }
            }
        }
    }

    private static boolean isFromForm(List<String> words) {
        return words.size() == 1 || words.size() == 3 && words.get(1).equalsIgnoreCase("as");
    }

    private String replace(Instruction instruction, Function<String, Optional<String>> values, String word) {
        return Substitution.of(instruction, lines.escape(), values, word);
    }

    private boolean isStageName(String name) {
        return stages.contains(name.toLowerCase(Locale.ROOT));
    }

    private boolean isStageIndex(String name) {
        long index = TarNumber.decimal(name);
        return index >= 0 && index < stages.size();
    }

    /** The words by which an instruction other than FROM names images or stages. */
    private static List<String> namedBy(Instruction instruction) {
        return switch (instruction.keyword()) {
            case "COPY", "ADD" -> instruction.flagValues("from");
            case "RUN" ->
                instruction.flagValues("mount").stream()
                        .flatMap(mount -> Arrays.stream(mount.split(",")))
                        .map(String::strip)
                        .filter(option -> option.regionMatches(true, 0, "from=", 0, 5))
                        .map(option -> option.substring(5))
                        .toList();
            default -> List.of();
        };
    }
}
