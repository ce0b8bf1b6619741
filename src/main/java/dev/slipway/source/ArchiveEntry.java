package dev.slipway.source;

import java.time.Instant;

/**
 * One entry of an archive, judged: its number from 0, its node in the tree (which knows the path), its permissions and
 * time, and its content until the next entry is asked for. {@code linkNode} is what a hard link names.
 */
record ArchiveEntry(
        int number, int node, EntryKind kind, int mode, Instant modified, int linkNode, EntryContent content) {
    /** The size of a file, its holes included; 0 for all else. */
    long size() {
        return content.size();
    }
}
