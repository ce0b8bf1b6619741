package dev.slipway.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Dockerfile's text cut into instructions: comments dropped, continued lines joined, here-documents set aside. */
final class DockerfileLines {
    private static final Pattern DIRECTIVE = Pattern.compile("#\\s*([A-Za-z][A-Za-z0-9]*)\\s*=\\s*(.+?)\\s*");
    private static final Pattern HEREDOC = Pattern.compile("(?<!<)<<(-?)(['\"]?)([A-Za-z_][A-Za-z0-9_.]*)\\2");

    private final String[] lines;
    private final char escape;
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<Instruction> inHeredocs = new ArrayList<>();

    DockerfileLines(String text) {
        String unmarked = text.startsWith("\ufeff") ? text.substring(1) : text;
        lines = unmarked.split("\r?\n", -1);
        escape = escapeDirective();
        for (int at = 0; at < lines.length; ) {
            at = readInstruction(at);
        }
    }

    /** The instructions. */
    List<Instruction> instructions() {
        return instructions;
    }

    /** What stands in here-documents, read as instructions: builders that know none would run it so. */
    List<Instruction> inHeredocs() {
        return inHeredocs;
    }

    /** The escape character: a backslash, or what the directive says. */
    char escape() {
        return escape;
    }

    // Directives stand before everything else, comments included.
    private char escapeDirective() {
        for (String line : lines) {
            Matcher matcher = DIRECTIVE.matcher(trim(line));
            if (!matcher.matches()) {
                return '\\';
            }
            if (matcher.group(1).equalsIgnoreCase("escape")) {
                return matcher.group(2).equals("`") ? '`' : '\\';
            }
        }
        return '\\';
    }

    private int readInstruction(int from) {
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
        return skipHeredocs(instruction, Math.min(at + 1, lines.length));
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

    private int skipHeredocs(Instruction instruction, int from) {
        Deque<Matcher> open = new ArrayDeque<>();
        if (List.of("RUN", "COPY", "ADD").contains(instruction.keyword())) {
            for (Matcher each = HEREDOC.matcher(instruction.rest()); each.find(); ) {
                Matcher found = HEREDOC.matcher(instruction.rest());
                found.find(each.start());
                open.add(found);
            }
        }
        int at = from;
        while (!open.isEmpty() && at < lines.length) {
            boolean tabs = !open.peek().group(1).isEmpty();
            String line = tabs ? lines[at].replaceFirst("^\t+", "") : lines[at];
            if (line.equals(open.peek().group(3))) {
                open.remove();
            } else if (!isSkipped(line)) {
                inHeredocs.add(Instruction.of(at + 1, trim(line)));
            }
            at++;
        }
        // Never closed: then it is none, and its lines count.
        return open.isEmpty() ? at : from;
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
