package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/** Where a source's Dockerfile stands: its path as the build names it, and the file that holds it once links are followed. */
record DockerfileLocation(String path, int node) {
    private static final int MAX_HOPS = 40; // as Linux
    private static final List<String> IGNORE_FILES = List.of(".containerignore", ".dockerignore");

    /** Finds it in a whole tree, and refuses it, or an ignore file, where it is a link out of the tree. */
    static DockerfileLocation find(ArchiveTree tree, Layout layout) {
        int root = root(tree, layout);
        int context = context(tree, layout, root);
        for (List<String> candidate : layout.dockerfileCandidates()) {
            String path = String.join("/", candidate);
            int node = follow(new Within(tree, root), context, candidate, path);
            if (node != ArchiveTree.NONE && tree.kind(node) == EntryKind.FILE) {
                checkIgnoreFiles(new Within(tree, root), context, path);
                refusePreprocessing(path);
                return new DockerfileLocation(path, node);
            }
        }
        String wanted = layout.dockerfilePath().orElse("Dockerfile or Containerfile");
        throw missing("tried to find " + Refusal.shown(wanted) + " in "
                + layout.context().map(name -> "'" + Refusal.shown(name) + "'").orElse("the source's root")
                + " but there is no such file");
    }

    /** A tree, and the node of it that nothing may lead out of. */
    private record Within(ArchiveTree tree, int root) {}

    /** The source's root: the archive's, or the only directory there. */
    static int root(ArchiveTree tree, Layout layout) {
        if (!layout.stripRoot()) {
            return ArchiveTree.ROOT;
        }
        int[] top = IntStream.range(1, tree.size())
                .filter(node -> tree.parent(node) == ArchiveTree.ROOT)
                .toArray();
        if (top.length != 1 || tree.kind(top[0]) != EntryKind.DIRECTORY) {
            throw missing("tried to find the only directory at the archive's top but "
                    + (top.length == 1 ? "there is no directory" : "there are " + top.length + " entries"));
        }
        return top[0];
    }

    private static int context(ArchiveTree tree, Layout layout, int root) {
        int node = root;
        for (String part : layout.contextParts()) {
            node = tree.child(node, part);
            if (node == ArchiveTree.NONE || tree.kind(node) == EntryKind.FILE) {
                throw missing("tried to find the context '"
                        + Refusal.shown(layout.context().orElse(""))
                        + "' in the source but there is no such directory");
            }
            if (tree.kind(node) == EntryKind.SYMLINK) {
                throw new SlipwayException(
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        "tried to find the context '"
                                + Refusal.shown(layout.context().orElse(""))
                                + "' in the source but its path runs through a link");
            }
        }
        return node;
    }

    // A link to nowhere is no ignore file, and one to a directory is the builder's to complain about.
    private static void checkIgnoreFiles(Within within, int context, String dockerfile) {
        List<String> names = new ArrayList<>(IGNORE_FILES);
        IGNORE_FILES.forEach(name -> names.add(dockerfile + name));
        for (String name : names) {
            follow(within, context, Arrays.asList(name.split("/")), name);
        }
    }

    private static void refusePreprocessing(String path) {
        if (path.endsWith(".in")) {
            throw new SlipwayException(
                    ErrorCode.DOCKERFILE_POLICY,
                    "tried to use '" + Refusal.shown(path)
                            + "' as the Dockerfile but a name that ends with .in would be run through a preprocessor");
        }
    }

    /** The node a path leads to, following links as a file system would, but never out of the tree. */
    private static int follow(Within within, int from, List<String> path, String name) {
        ArchiveTree tree = within.tree();
        Deque<String> ahead = new ArrayDeque<>(path);
        int node = from;
        int hops = 0;
        while (!ahead.isEmpty()) {
            String part = ahead.pop();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (tree.kind(node) != EntryKind.DIRECTORY) {
                return ArchiveTree.NONE;
            }
            if (part.equals("..")) {
                if (node == within.root()) {
                    throw escape(name);
                }
                node = tree.parent(node);
                continue;
            }
            int child = tree.child(node, part);
            if (child == ArchiveTree.NONE) {
                return ArchiveTree.NONE;
            }
            if (tree.kind(child) == EntryKind.SYMLINK) {
                String target = tree.linkTarget(child);
                if (target.startsWith("/") || ++hops > MAX_HOPS) {
                    throw escape(name);
                }
                Arrays.asList(target.split("/")).reversed().forEach(ahead::push);
            } else {
                node = child;
            }
        }
        return node;
    }

    private static SlipwayException escape(String name) {
        return Refusal.entry(
                ErrorCode.ARCHIVE_LINK_ESCAPE, name, "it is a link out of the source, or links run in a circle");
    }

    private static SlipwayException missing(String detail) {
        return new SlipwayException(ErrorCode.DOCKERFILE_MISSING, detail);
    }
}
