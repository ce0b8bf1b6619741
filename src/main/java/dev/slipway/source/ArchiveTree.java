package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * What an archive's entries so far amount to: for every path its kind. Each new entry is judged against it, which is what
 * keeps a name from leading through a link, whatever the file system would say.
 */
final class ArchiveTree {
    static final int ROOT = NodeTable.ROOT;
    static final int NONE = NodeTable.NONE;

    private final NodeTable nodes;
    private final int maxDepth;

    ArchiveTree(SourceLimits limits, MemoryShare memory) {
        nodes = new NodeTable(limits.maxEntries(), limits.decoderMemory().asLongValue(), memory);
        maxDepth = limits.maxDepth();
    }

    /** Counts an entry, new or met again. */
    void countEntry() {
        nodes.countEntry();
    }

    /** Adds a directory, file or symbolic link, or meets the same one again. */
    int add(EntryName name, EntryKind kind) {
        Walk walk = walk(name, name.text());
        if (kind != EntryKind.DIRECTORY && (name.meansDirectory() || walk.parts.isEmpty())) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_NAME, name.text(), "its name can only be a directory's");
        }
        if (walk.parts.size() > maxDepth) {
            throw Refusal.entry(
                    ErrorCode.ARCHIVE_NAME_TOO_LONG, name.text(), "it lies deeper than " + maxDepth + " directories");
        }
        int last = walk.node();
        if (last != NONE) {
            sameKind(name, nodes.kind(last), kind);
            return last;
        }
        return create(walk, kind);
    }

    private int create(Walk walk, EntryKind kind) {
        int node = ROOT;
        for (int i = 0; i < walk.parts.size(); i++) {
            boolean last = i == walk.parts.size() - 1;
            int known = walk.nodes.get(i);
            node = known != NONE ? known : nodes.add(node, walk.parts.get(i), last ? kind : EntryKind.DIRECTORY);
        }
        return node;
    }

    private static void sameKind(EntryName name, EntryKind earlier, EntryKind kind) {
        if (earlier != kind) {
            throw Refusal.entry(
                    ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                    name.text(),
                    "an earlier entry made it a " + word(earlier) + ", and this one a " + word(kind));
        }
    }

    /** The earlier file or symbolic link that a hard link names. */
    int hardLinkTarget(EntryName target, String entry) {
        Walk walk;
        try {
            walk = walk(target, entry);
        } catch (PathEscape e) {
            throw Refusal.entry(ErrorCode.ARCHIVE_LINK_ESCAPE, entry, "it is a hard link out of the archive's root");
        }
        int node = walk.node();
        if (node == NONE || nodes.kind(node) == EntryKind.DIRECTORY) {
            throw Refusal.entry(
                    ErrorCode.ARCHIVE_ENTRY_TYPE,
                    entry,
                    "it is a hard link to '" + Refusal.shown(target.text()) + "', which is no earlier file");
        }
        return node;
    }

    /** Follows a name as the entries so far lead it, and never through a link. */
    private Walk walk(EntryName name, String entry) {
        Walk walk = new Walk();
        List<String> parts = name.parts();
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (part.equals("..")) {
                if (walk.parts.isEmpty()) {
                    throw new PathEscape(entry);
                }
                walk.pop();
            } else {
                walk.push(part);
                if (i < parts.size() - 1) {
                    mayLeadOn(walk, entry);
                }
            }
        }
        return walk;
    }

    private void mayLeadOn(Walk walk, String entry) {
        int node = walk.node();
        if (node == NONE || nodes.kind(node) == EntryKind.DIRECTORY) {
            return;
        }
        boolean link = nodes.kind(node) == EntryKind.SYMLINK;
        throw Refusal.entry(
                link ? ErrorCode.ARCHIVE_LINK_ESCAPE : ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                entry,
                "its path runs through '" + Refusal.shown(String.join("/", walk.parts)) + "', which is a "
                        + word(nodes.kind(node)));
    }

    /** The child of a directory; {@link #NONE} where there is none. */
    int child(int directory, String name) {
        return nodes.find(directory, name);
    }

    int parent(int node) {
        return nodes.parent(node);
    }

    EntryKind kind(int node) {
        return nodes.kind(node);
    }

    /** How many nodes there are; their numbers are below this. */
    int size() {
        return nodes.size();
    }

    /** The last part of the path. */
    String name(int node) {
        return node == ROOT ? "" : nodes.name(node);
    }

    /** The path from the root. */
    String path(int node) {
        List<String> parts = new ArrayList<>();
        for (int each = node; each != ROOT; each = nodes.parent(each)) {
            parts.add(nodes.name(each));
        }
        return String.join("/", parts.reversed());
    }

    /** Remembers where a symbolic link points. */
    void linkTo(int node, String target) {
        nodes.setValue(node, nodes.keep(target));
    }

    /** Where a symbolic link points. */
    String linkTarget(int node) {
        return nodes.kept(nodes.value(node));
    }

    /** Remembers in which entry a file's content stands. */
    void contentIn(int node, int entry) {
        nodes.setValue(node, entry);
    }

    /** The entry that holds a file's content. */
    int contentOf(int node) {
        return nodes.value(node);
    }

    /** A hard link: the same content, or the same symbolic link, as another node. */
    void sameAs(int node, int other) {
        nodes.setValue(node, nodes.value(other));
    }

    private static String word(EntryKind kind) {
        return switch (kind) {
            case FILE -> "file";
            case DIRECTORY -> "directory";
            case SYMLINK -> "symbolic link";
            case HARDLINK -> "hard link";
        };
    }

    /** The names and nodes from the root to where a walk has come. */
    private final class Walk {
        private final List<String> parts = new ArrayList<>();
        private final List<Integer> nodes = new ArrayList<>();

        int node() {
            return nodes.isEmpty() ? ROOT : nodes.getLast();
        }

        void push(String part) {
            int from = node();
            nodes.add(from == NONE ? NONE : child(from, part));
            parts.add(part);
        }

        void pop() {
            parts.removeLast();
            nodes.removeLast();
        }
    }
}
