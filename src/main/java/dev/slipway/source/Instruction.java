package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One instruction of a Dockerfile: the line it begins on, its keyword in upper case, its flags ({@code --name=value}) and
 * the rest.
 */
record Instruction(int line, String keyword, List<String> flags, String rest) {
    /** Reads the text of one, its lines joined. */
    static Instruction of(int line, String text) {
        int end = endOfWord(text, 0);
        String keyword = text.substring(0, end).toUpperCase(Locale.ROOT);
        List<String> flags = new ArrayList<>();
        int at = skipBlanks(text, end);
        while (text.startsWith("--", at)) {
            StringBuilder flag = new StringBuilder();
            at = skipPlainBlanks(text, readFlag(text, at, flag));
            flags.add(flag.toString());
            if (flag.toString().equals("--")) {
                break;
            }
        }
        return new Instruction(line, keyword, List.copyOf(flags), text.substring(at));
    }

    // As Docker does: quotes and backslashes in a flag go away.
    private static int readFlag(String text, int from, StringBuilder flag) {
        char quote = 0;
        int at = from;
        for (; at < text.length(); at++) {
            char each = text.charAt(at);
            if (quote == 0 && isPlainBlank(each)) {
                break;
            }
            if (each == quote) {
                quote = 0;
            } else if (quote == 0 && (each == '"' || each == '\'')) {
                quote = each;
            } else if (each == '\\' && at + 1 < text.length()) {
                flag.append(text.charAt(++at));
            } else {
                flag.append(each);
            }
        }
        return at;
    }

    private static int skipPlainBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && isPlainBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    // Between flags the builder reads bytes, and knows no other blanks.
    private static boolean isPlainBlank(char each) {
        return each == ' ' || each >= '\t' && each <= '\r';
    }

    /** Refuses flags of other than ASCII characters, whose bytes the builder might take for blanks. */
    void checkFlags() {
        if (!flags.stream().allMatch(flag -> flag.chars().allMatch(each -> each < 0x80))) {
            throw refuse("its flags have other characters than ASCII");
        }
    }

    /** The value of a flag; empty where it is not given. */
    List<String> flagValues(String name) {
        String start = "--" + name + "=";
        return flags.stream()
                .filter(flag -> flag.startsWith(start))
                .map(flag -> flag.substring(start.length()))
                .toList();
    }

    /** The words of the rest. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        int at = skipBlanks(rest, 0);
        while (at < rest.length()) {
            int end = endOfWord(rest, at);
            words.add(rest.substring(at, end));
            at = skipBlanks(rest, end);
        }
        return words;
    }

    /** The words of the rest where quotes may hold blanks together, the quotes kept. */
    List<String> quotedWords(char escape) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (int at = 0; at < rest.length(); at++) {
            char each = rest.charAt(at);
            if (quote == 0 && isBlank(each)) {
                addWord(words, word);
                continue;
            }
            word.append(each);
            if (each == quote) {
                quote = 0;
            } else if (quote == 0 && (each == '"' || each == '\'')) {
                quote = each;
            } else if (each == escape && quote != '\'' && at + 1 < rest.length()) {
                word.append(rest.charAt(++at));
            }
        }
        addWord(words, word);
        return words;
    }

    private static void addWord(List<String> words, StringBuilder word) {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    /** The instruction that stands inside this one's rest (ONBUILD). */
    Instruction inner() {
        return of(line, rest);
    }

    /** Refuses the Dockerfile because of this line. */
    SlipwayException refuse(String why) {
        return new SlipwayException(
                ErrorCode.DOCKERFILE_POLICY,
                "tried to read line " + line + " of the Dockerfile (" + keyword + ") but " + why,
                Map.of("line", String.valueOf(line)),
                null);
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static int endOfWord(String text, int from) {
        int at = from;
        while (at < text.length() && !isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** White space as the builder sees it, which is more than Java's. */
    static boolean isBlank(char each) {
        return Character.isWhitespace(each) || Character.isSpaceChar(each) || each == '\u0085';
    }
}
