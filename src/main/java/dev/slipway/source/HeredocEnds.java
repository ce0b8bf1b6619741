package dev.slipway.source;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Finds the line that ends a here-document. By an index, made where it is first asked for: a Dockerfile may begin one in
 * each line and end none.
 */
final class HeredocEnds {
    private final String[] lines;
    private Map<String, TreeSet<Integer>> plain;
    private Map<String, TreeSet<Integer>> indented;

    HeredocEnds(String[] lines) {
        this.lines = lines;
    }

    /**
     * The number of the next line, from one on, that is this name; -1 where there is none.
     *
     * @param indent whether tabs may stand before it
     */
    int next(String name, boolean indent, int from) {
        TreeSet<Integer> found = index(indent).get(name);
        Integer next = found == null ? null : found.ceiling(from);
        return next == null ? -1 : next;
    }

    private Map<String, TreeSet<Integer>> index(boolean indent) {
        if (indent && indented == null) {
            indented =
                    indexOf(Arrays.stream(lines).map(HeredocEnds::withoutTabs).toArray(String[]::new));
        } else if (!indent && plain == null) {
            plain = indexOf(lines);
        }
        return indent ? indented : plain;
    }

    private static Map<String, TreeSet<Integer>> indexOf(String[] names) {
        Map<String, TreeSet<Integer>> index = new HashMap<>();
        for (int at = 0; at < names.length; at++) {
            index.computeIfAbsent(names[at], name -> new TreeSet<>()).add(at);
        }
        return index;
    }

    private static String withoutTabs(String line) {
        int at = 0;
        while (at < line.length() && line.charAt(at) == '\t') {
            at++;
        }
        return line.substring(at);
    }
}
