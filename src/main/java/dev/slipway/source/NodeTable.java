package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The nodes of an {@link ArchiveTree} in a few arrays, about forty bytes and the name for each, so that an archive of a
 * million entries costs little heap and a hostile one no more than allowed.
 */
final class NodeTable {
    static final int ROOT = 0;
    static final int NONE = -1;

    private static final int BYTES_PER_NODE = 40;
    /** Of a node's place in the arrays: three numbers, a kind, two slots. */
    private static final int BYTES_IN_ARRAYS = 3 * 4 + 1 + 2 * 4;

    private static final int FIRST_TEXTS = 1024;
    private static final EntryKind[] KINDS = EntryKind.values();

    private final int seed = ThreadLocalRandom.current().nextInt(); // nobody can prepare colliding names
    private final int maxEntries;
    private final long memory;
    private final MemoryShare share;
    private int entries;
    private int size = 1;
    private int textLength;
    private int[] parents = new int[64];
    private int[] names = new int[64];
    private int[] values = new int[64];
    private byte[] kinds = new byte[64];
    private byte[] texts = new byte[FIRST_TEXTS];
    private int[] slots = new int[128];

    NodeTable(int maxEntries, long memory, MemoryShare share) {
        this.maxEntries = maxEntries;
        this.memory = memory;
        this.share = share;
        kinds[ROOT] = (byte) EntryKind.DIRECTORY.ordinal();
    }

    /** Counts an entry against the limit. */
    void countEntry() {
        if (entries++ >= maxEntries) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_MANY_ENTRIES, "it has more than the " + maxEntries + " entries allowed");
        }
    }

    /** Adds a child that is not there yet. */
    int add(int parent, String name, EntryKind kind) {
        if (size > maxEntries) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_TOO_MANY_ENTRIES,
                    "it makes more than the " + maxEntries + " files and directories allowed");
        }
        if (size == parents.length) {
            grow();
        }
        int node = size++;
        parents[node] = parent;
        names[node] = keep(name);
        kinds[node] = (byte) kind.ordinal();
        values[node] = NONE;
        enter(node, hash(parent, texts, names[node] + 2, lengthAt(names[node])));
        return node;
    }

    /** The child of that name; {@link #NONE} where there is none. */
    int find(int parent, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int slot = hash(parent, bytes, 0, bytes.length) & slots.length - 1;
        while (slots[slot] != 0) {
            int node = slots[slot];
            int from = names[node] + 2;
            if (parents[node] == parent
                    && Arrays.equals(texts, from, from + lengthAt(names[node]), bytes, 0, bytes.length)) {
                return node;
            }
            slot = slot + 1 & slots.length - 1;
        }
        return NONE;
    }

    int parent(int node) {
        return parents[node];
    }

    EntryKind kind(int node) {
        return KINDS[kinds[node]];
    }

    String name(int node) {
        return kept(names[node]);
    }

    int value(int node) {
        return values[node];
    }

    void setValue(int node, int value) {
        values[node] = value;
    }

    int size() {
        return size;
    }

    /** Keeps a text of at most 65,535 bytes; answers its place. */
    int keep(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long needed = textLength + 2L + bytes.length;
        if (needed + (long) size * BYTES_PER_NODE > memory || needed > Integer.MAX_VALUE - 16) {
            throw Refusal.archive(
                    ErrorCode.ARCHIVE_MEMORY_LIMIT, "its names need more than the " + memory + " bytes allowed");
        }
        if (needed > texts.length) {
            growTexts((int) Math.min(Math.max(needed, texts.length * 3L / 2), Integer.MAX_VALUE - 16));
        }
        int place = textLength;
        texts[place] = (byte) (bytes.length >>> 8);
        texts[place + 1] = (byte) bytes.length;
        System.arraycopy(bytes, 0, texts, place + 2, bytes.length);
        textLength = (int) needed;
        return place;
    }

    /** The text at a place. */
    String kept(int place) {
        return new String(texts, place + 2, lengthAt(place), StandardCharsets.UTF_8);
    }

    private int lengthAt(int place) {
        return (texts[place] & 0xff) << 8 | texts[place + 1] & 0xff;
    }

    /** Old and new are there at a time. */
    private void growTexts(int length) {
        int old = texts.length;
        share.take(length);
        texts = Arrays.copyOf(texts, length);
        share.giveBack(old == FIRST_TEXTS ? 0 : old);
    }

    private void grow() {
        int length = parents.length * 2;
        share.take((long) parents.length * BYTES_IN_ARRAYS);
        parents = Arrays.copyOf(parents, length);
        names = Arrays.copyOf(names, length);
        values = Arrays.copyOf(values, length);
        kinds = Arrays.copyOf(kinds, length);
        slots = new int[length * 2];
        for (int node = 1; node < size; node++) {
            enter(node, hash(parents[node], texts, names[node] + 2, lengthAt(names[node])));
        }
    }

    private void enter(int node, int hash) {
        int slot = hash & slots.length - 1;
        while (slots[slot] != 0) {
            slot = slot + 1 & slots.length - 1;
        }
        slots[slot] = node;
    }

    private int hash(int parent, byte[] bytes, int from, int length) {
        int hash = seed ^ parent * 0x9e3779b9;
        for (int i = from; i < from + length; i++) {
            hash = (hash ^ bytes[i]) * 0x01000193;
            hash ^= hash >>> 15;
        }
        hash *= 0x85ebca6b;
        return hash ^ hash >>> 13;
    }
}
