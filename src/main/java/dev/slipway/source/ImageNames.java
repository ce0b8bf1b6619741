package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** One walk through a Dockerfile that gathers the images it needs from outside. */
final class ImageNames {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern QUOTE = Pattern.compile("['\"]");
    private static final Pattern ESCAPE = Pattern.compile("[\\\\`]");

    private static final int MAX_STAGES = 1000;

    private final DockerfileLines lines;
    private final BuildVariables variables;
    private final Optional<String> target;
    private final Set<String> images = new LinkedHashSet<>();
    private final Set<String> stages = new HashSet<>();
    private final Set<String> foldedStages = new HashSet<>();
    private int stageCount;
    private String lastStage;

    ImageNames(DockerfileLines lines, BuildVariables variables, Optional<String> target) {
        this.lines = lines;
        this.variables = variables;
        this.target = target.filter(name -> !name.isBlank());
    }

    /** The images, in the order in which they are named. */
    List<String> gather() {
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

    /** Refuses what no build may name, whether it is needed or not, and whether it can be resolved or not. */
    void judgeAll() {
        for (Instruction each : lines.instructions()) {
            switch (each.keyword()) {
                case "ARG" -> declare(each);
                case "ENV" -> environment(each);
                case "FROM" -> {
                    judgeOnly(each, ImagePolicy::judgeText);
                    variables.beginStage();
                }
                default -> judgeOnly(each, ImagePolicy::judgeText);
            }
        }
    }

    /** Whether the stage just read is the one that is asked for. */
    private boolean isTarget() {
        return stageCount > 0
                && target.map(name -> name.equalsIgnoreCase(lastStage) || name.equals(String.valueOf(stageCount - 1)))
                        .orElse(false);
    }

    private void read(Instruction instruction) {
        switch (instruction.keyword()) {
            case "ARG" -> declare(instruction);
            case "ENV" -> environment(instruction);
            case "FROM" -> from(instruction);
            case "ONBUILD" -> judgeOnly(instruction, ImagePolicy::judge);
            default -> namedBy(instruction).forEach(name -> addUnlessStage(instruction, name));
        }
    }

    // Many ARGs are used by RUN alone; that one of them cannot be told here matters only if an image needs it.
    private void declare(Instruction instruction) {
        boolean quoted = QUOTE.matcher(instruction.rest()).find();
        if (quoted && ESCAPE.matcher(instruction.rest()).find()) {
            NAME.matcher(instruction.rest()).results().forEach(name -> variables.declareUnknown(name.group()));
            return;
        }
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
        return inStage(
                instruction, name -> Optional.of(variables.stageValue(name).orElse("")), word);
    }

    private void environment(Instruction instruction) {
        NAME.matcher(instruction.rest()).results().forEach(name -> variables.declareEnvironment(name.group()));
    }

    private void from(Instruction instruction) {
        List<String> words = instruction.words();
        if (!isFromForm(words)) {
            throw instruction.refuse("it has not the form FROM image [AS name]");
        }
        String image = fromName(instruction, variables::globalValue, words.getFirst());
        if (!image.equals("scratch")) {
            String judged = isExactly(image) ? image : ImagePolicy.judge(instruction, image);
            if (!isStageName(image)) {
                images.add(judged);
            }
        }
        if (words.size() == 3) {
            ImagePolicy.judgeStage(instruction, words.get(2));
        }
        beginStage(instruction, words.size() == 3 ? words.get(2) : String.valueOf(stageCount));
    }

    private void beginStage(Instruction instruction, String name) {
        if (stageCount == MAX_STAGES) {
            throw instruction.refuse("there are more than " + MAX_STAGES + " stages");
        }
        stageCount++;
        lastStage = name;
        stages.add(name);
        foldedStages.add(name.toLowerCase(Locale.ROOT));
        variables.beginStage();
    }

    private void addUnlessStage(Instruction instruction, String word) {
        String name = inStage(instruction, variables::stageValue, word);
        if (isExactly(name) || isStageIndex(name) || name.equals("scratch")) {
            return;
        }
        String judged = ImagePolicy.judge(instruction, name);
        if (!isStageName(name)) {
            images.add(judged);
        }
    }

    // An instruction this build may or may not run: nothing it names is needed, and nothing forbidden may be named.
    private void judgeOnly(Instruction instruction, BiConsumer<Instruction, String> policy) {
        if (instruction.keyword().equals("ONBUILD")) {
            Instruction inner = instruction.inner();
            if (inner.keyword().equals("ONBUILD")) {
                throw instruction.refuse("an ONBUILD cannot stand in another");
            }
            judgeOnly(inner, policy);
        } else if (instruction.keyword().equals("FROM") && isFromForm(instruction.words())) {
            judgeName(
                    policy,
                    instruction,
                    fromName(
                            instruction,
                            orEmpty(variables::globalValue),
                            instruction.words().getFirst()));
        } else {
            namedBy(instruction)
                    .forEach(word ->
                            judgeName(policy, instruction, inStage(instruction, orEmpty(variables::stageValue), word)));
        }
    }

    private static void judgeName(BiConsumer<Instruction, String> policy, Instruction instruction, String name) {
        if (!name.isBlank()) {
            policy.accept(instruction, name);
        }
    }

    private static Function<String, Optional<String>> orEmpty(Function<String, Optional<String>> values) {
        return name -> Optional.of(values.apply(name).orElse(""));
    }

    private String fromName(Instruction instruction, Function<String, Optional<String>> values, String word) {
        return replace(instruction, values, variables::isUnknownGlobally, word);
    }

    private String inStage(Instruction instruction, Function<String, Optional<String>> values, String word) {
        return replace(instruction, values, variables::isUnknown, word);
    }

    // Here the builder's escape is the backslash, whatever the directive says.
    private static String replace(
            Instruction instruction,
            Function<String, Optional<String>> values,
            Predicate<String> unknown,
            String word) {
        return Substitution.of(
                instruction,
                '\\',
                name -> {
                    if (unknown.test(name)) {
                        throw instruction.refuse(
                                "it uses the variable '" + Refusal.shown(name) + "', whose value cannot be told");
                    }
                    return values.apply(name);
                },
                word);
    }

    private static boolean isFromForm(List<String> words) {
        return words.size() == 1 || words.size() == 3 && words.get(1).equalsIgnoreCase("as");
    }

    private boolean isStageName(String name) {
        return foldedStages.contains(name.toLowerCase(Locale.ROOT));
    }

    // Some builders tell "One" from "one", and would take the other for an image.
    private boolean isExactly(String name) {
        return stages.contains(name);
    }

    private boolean isStageIndex(String name) {
        long index = TarNumber.decimal(name);
        return index >= 0 && index < stageCount;
    }

    /** The words by which an instruction other than FROM names images or stages. */
    private static List<String> namedBy(Instruction instruction) {
        if (List.of("FROM", "COPY", "ADD", "RUN").contains(instruction.keyword())) {
            instruction.checkFlags();
        }
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
