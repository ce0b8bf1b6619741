package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Dockerfile's text cut into instructions: comments dropped, continued lines joined, here-documents set aside. */
final class DockerfileLines {
    // What the builder reads so, and no more: other builders look at other lines, and take other blanks.
    private static final Pattern ESCAPE = Pattern.compile("#[ \t]*escape[ \t]*=[ \t]*(.).*", Pattern.CASE_INSENSITIVE);
    private static final Pattern HEREDOC =
            Pattern.compile("(?<!\\S)\\d*<<(-?)(?:(['\"])([^'\"<]+)\\2|([^\\s'\"<]+))(?!\\S)");
    private static final List<String> WITH_HEREDOCS = List.of("RUN", "COPY", "ADD");

    private static final int MAX_LINES = 20_000; // and as many instructions at most

    private final char escape;
    private final List<Instruction> instructions = new ArrayList<>();
    private final boolean knowsHeredocs;
    private boolean hasHeredocs;

    /** Cuts a text; where here-documents are not known, their lines are instructions like all others. */
    DockerfileLines(String text, boolean knowsHeredocs) {
        this.knowsHeredocs = knowsHeredocs;
        String unmarked = text.startsWith("\ufeff") ? text.substring(1) : text;
        if (unmarked.chars().filter(each -> each == '\n').count() >= MAX_LINES) {
            throw new SlipwayException(
                    ErrorCode.DOCKERFILE_POLICY,
                    "tried to read the Dockerfile but it has more than " + MAX_LINES + " lines");
        }
        String[] lines = unmarked.split("\r?\n", -1);
        escape = escapeDirective(lines[0]);
        HeredocEnds ends = new HeredocEnds(lines);
        for (int at = 0; at < lines.length; ) {
            at = readInstruction(lines, ends, at);
        }
    }

    /** The instructions. */
    List<Instruction> instructions() {
        return instructions;
    }

    /** Whether here-documents were set aside: builders that know none would run what stands in them. */
    boolean hasHeredocs() {
        return hasHeredocs;
    }

    /** The escape character: a backslash, or what the directive says. */
    char escape() {
        return escape;
    }

    // For the builder only the very first line can be this directive.
    private static char escapeDirective(String first) {
        Matcher matcher = ESCAPE.matcher(trimStart(first));
        return matcher.matches() && matcher.group(1).equals("`") ? '`' : '\\';
    }

    private int readInstruction(String[] lines, HeredocEnds ends, int from) {
        int at = from;
        if (isSkipped(lines[at])) {
            return at + 1;
        }
        StringBuilder text = new StringBuilder(trimStart(lines[at]));
        while (cutContinuation(text)) {
            do {
                at++;
            } while (at < lines.length && isSkipped(lines[at]));
            if (at == lines.length) {
                break;
            }
            text.append(lines[at]);
        }
        Instruction instruction = Instruction.of(from + 1, trim(text.toString()));
        instructions.add(instruction);
        return skipHeredocs(instruction, ends, Math.min(at + 1, lines.length));
    }

    private boolean cutContinuation(StringBuilder text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
            end--;
        }
        if (end == 0 || text.charAt(end - 1) != escape) {
            return false;
        }
        text.setLength(end - 1);
        return true;
    }

    private int skipHeredocs(Instruction instruction, HeredocEnds ends, int from) {
        Instruction inner = instruction.keyword().equals("ONBUILD") ? instruction.inner() : instruction;
        if (!knowsHeredocs || !WITH_HEREDOCS.contains(inner.keyword())) {
            return from;
        }
        int at = from;
        for (Matcher each = HEREDOC.matcher(inner.rest()); each.find(); ) {
            hasHeredocs = true;
            String name = each.group(2) == null ? each.group(4) : each.group(3);
            int end = ends.next(name, !each.group(1).isEmpty(), at);
            if (end < 0) {
                return from; // never closed: then it is none, and its lines count
            }
            at = end + 1;
        }
        return at;
    }

    private static boolean isSkipped(String line) {
        String trimmed = trimStart(line);
        return trimmed.isEmpty() || trimmed.startsWith("#");
    }

    private static String trimStart(String text) {
        int at = 0;
        while (at < text.length() && Instruction.isBlank(text.charAt(at))) {
            at++;
        }
        return text.substring(at);
    }

    private static String trim(String text) {
        int end = text.length();
        while (end > 0 && Instruction.isBlank(text.charAt(end - 1))) {
            end--;
        }
        return trimStart(text.substring(0, end));
    }
}
