package dev.slipway.source;

import java.util.Optional;
import java.util.function.Function;

/** Replaces variables in one word of an instruction, as a shell would, and takes its quotes away. */
final class Substitution {
    private static final int MAX_DEPTH = 20;
    /** Far beyond an image's name; values made of values could double with each line. */
    private static final int MAX_LENGTH = 4096;

    private final Instruction instruction;
    private final char escape;
    private final Function<String, Optional<String>> values;
    private final String text;
    private int at;
    private String undefined;

    private Substitution(Instruction instruction, char escape, Function<String, Optional<String>> values, String text) {
        this.instruction = instruction;
        this.escape = escape;
        this.values = values;
        this.text = text;
    }

    /** The word with its variables replaced; refuses one that uses a variable nobody defined. */
    static String of(Instruction instruction, char escape, Function<String, Optional<String>> values, String word) {
        return of(instruction, escape, values, word, 0);
    }

    private static String of(
            Instruction instruction, char escape, Function<String, Optional<String>> values, String word, int depth) {
        if (depth > MAX_DEPTH) {
            throw instruction.refuse("its variables are nested too deeply");
        }
        Substitution run = new Substitution(instruction, escape, values, word);
        String result = run.run(depth);
        if (run.undefined != null) {
            throw instruction.refuse("'" + Refusal.shown(word) + "' uses the variable '" + Refusal.shown(run.undefined)
                    + "', which has no value here; define it with ARG");
        }
        return result;
    }

    private String run(int depth) {
        StringBuilder result = new StringBuilder();
        char quote = 0;
        while (at < text.length()) {
            char each = text.charAt(at++);
            if (quote != '\'' && each == escape && at < text.length()) {
                escaped(result, quote);
            } else if (each == quote) {
                quote = 0;
            } else if (quote == 0 && (each == '"' || each == '\'')) {
                quote = each;
            } else if (quote != '\'' && each == '$') {
                result.append(variable(depth));
            } else {
                result.append(each);
            }
            if (result.length() > MAX_LENGTH) {
                throw instruction.refuse("a word of it is longer than " + MAX_LENGTH + " characters");
            }
        }
        return result.toString();
    }

    // In double quotes the escape only counts before what would mean something there.
    private void escaped(StringBuilder result, char quote) {
        char next = text.charAt(at++);
        if (quote == '"' && next != '"' && next != '$' && next != escape) {
            result.append(escape);
        }
        result.append(next);
    }

    private String variable(int depth) {
        if (at < text.length() && text.charAt(at) == '{') {
            at++;
            return braced(depth);
        }
        String name = name();
        return name.isEmpty() ? "$" : valueOf(name);
    }

    private String name() {
        int from = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
            if (Character.isDigit(text.charAt(from))) {
                break; // $1 is one digit long
            }
        }
        return text.substring(from, at);
    }

    private String valueOf(String name) {
        Optional<String> value = values.apply(name);
        if (value.isEmpty()) {
            undefined = name;
        }
        return value.orElse("");
    }

    private String braced(int depth) {
        String name = name();
        int operatorAt = at;
        String rest = restOfBraces();
        if (name.isEmpty()) {
            throw instruction.refuse("'" + Refusal.shown(text) + "' has a '${' without a name");
        }
        if (rest.isEmpty()) {
            return valueOf(name);
        }
        boolean colon = rest.charAt(0) == ':';
        char operator = rest.length() > (colon ? 1 : 0) ? rest.charAt(colon ? 1 : 0) : 0;
        String word = rest.substring(Math.min(rest.length(), colon ? 2 : 1));
        Optional<String> value = values.apply(name).filter(each -> !colon || !each.isEmpty());
        return switch (operator) {
            case '-' -> value.orElseGet(() -> of(instruction, escape, values, word, depth + 1));
            case '+' -> value.isPresent() ? of(instruction, escape, values, word, depth + 1) : "";
            case '?' ->
                value.orElseThrow(() -> instruction.refuse(
                        "the variable '" + Refusal.shown(name) + "' has no value: " + Refusal.shown(word)));
            default ->
                throw instruction.refuse("'" + Refusal.shown(text.substring(operatorAt - name.length()))
                        + "' is a substitution that is not known here");
        };
    }

    private String restOfBraces() {
        int from = at;
        int open = 1;
        while (at < text.length()) {
            char each = text.charAt(at++);
            if (each == escape && at < text.length()) {
                at++;
            } else if (each == '{' && text.charAt(at - 2) == '$') {
                open++;
            } else if (each == '}' && --open == 0) {
                String body = text.substring(from, at - 1);
                if (body.chars().anyMatch(one -> "'\"\\".indexOf(one) >= 0)) {
                    throw instruction.refuse("'" + Refusal.shown(text) + "' has quotes or escapes within braces");
                }
                return body;
            }
        }
        throw instruction.refuse("'" + Refusal.shown(text) + "' has a '${' that is never closed");
    }
}
