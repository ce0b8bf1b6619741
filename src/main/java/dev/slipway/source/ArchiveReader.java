package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

/**
 * An archive as it streams by, entry after entry, each judged before it is given. The tar format is read here and not by a
 * library, so that there is one reading of it: what was judged is what is unpacked.
 */
final class ArchiveReader implements Closeable {
    private static final long FAR = 100_000_000_000_000L;

    private final SourceLimits limits;
    private final Decompressed decompressed;
    private final TarInput in;
    private final ArchiveTree tree;
    private final HeaderBudget budget;
    private final EntryMetadata metadata;
    private final SparseReader sparse;
    private EntryContent content;
    private long behindContent;
    private int number;

    /**
     * Begins to read; {@code origin} stays its owner's to close, and {@code memory} too: what is known of the entries is
     * kept there until then.
     */
    ArchiveReader(InputStream origin, SourceLimits limits, MemoryShare memory) {
        this.limits = limits;
        tree = new ArchiveTree(limits, memory);
        budget = new HeaderBudget(limits.maxHeader().asLongValue(), memory);
        decompressed = new Decompressed(origin, limits, memory);
        in = new TarInput(decompressed, limits.maxUnpacked().asLongValue());
        metadata = new EntryMetadata(in, budget);
        sparse = new SparseReader(in, budget);
        content = new EntryContent(in, SparseMap.dense(0));
    }

    /** What the entries so far amount to. */
    ArchiveTree tree() {
        return tree;
    }

    /** The next entry; null when the archive has ended as it should. */
    ArchiveEntry next() throws IOException {
        content.drain();
        in.skip(behindContent);
        behindContent = 0;
        budget.reset();
        metadata.clear();
        TarHeader header = nextHeader();
        while (header != null && metadata.takes(header)) {
            header = nextHeader();
        }
        if (header != null) {
            return entry(header);
        }
        if (metadata.isPending()) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its last entry has metadata and nothing else");
        }
        in.finish();
        return null;
    }

    private TarHeader nextHeader() throws IOException {
        byte[] block = new byte[TarHeader.BLOCK];
        if (!in.readBlock(block)) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "it ends without an end mark (cut off?)");
        }
        if (!isZero(block)) {
            budget.take(TarHeader.BLOCK);
            return TarHeader.of(block);
        }
        if (!in.readBlock(block) || !isZero(block)) {
            throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "its end mark is broken (cut off?)");
        }
        return null;
    }

    private static boolean isZero(byte[] block) {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    private ArchiveEntry entry(TarHeader header) throws IOException {
        tree.countEntry();
        byte[] nameBytes = metadata.name(header);
        EntryName name = EntryName.of(nameBytes, Refusal.shown(nameBytes), limits);
        EntryKind kind = kindOf(header, name);
        long stored = metadata.size(header);
        if (kind != EntryKind.FILE && (stored != 0 || metadata.isSparse())) {
            throw Refusal.entry(ErrorCode.ARCHIVE_CORRUPT, name.text(), "it has content and is no file");
        }
        int link = ArchiveTree.NONE;
        int node;
        switch (kind) {
            case HARDLINK -> {
                byte[] target = metadata.linkTarget(header);
                link = tree.hardLinkTarget(hardLinkName(target, name), name.text());
                node = tree.add(name, tree.kind(link));
                tree.sameAs(node, link);
            }
            case SYMLINK -> {
                String target = EntryName.linkTarget(metadata.linkTarget(header), name.text(), limits);
                node = tree.add(name, kind);
                tree.linkTo(node, target);
            }
            case FILE -> {
                node = tree.add(name, kind);
                tree.contentIn(node, number);
            }
            default -> node = tree.add(name, kind);
        }
        openContent(header, name, stored);
        return new ArchiveEntry(number++, node, kind, header.mode(), modified(header, name), link, content);
    }

    private EntryName hardLinkName(byte[] target, EntryName name) {
        if (target.length > 0 && target[0] == '/') {
            throw Refusal.entry(ErrorCode.ARCHIVE_LINK_ESCAPE, name.text(), "it is a hard link to an absolute path");
        }
        return EntryName.of(target, name.text(), limits);
    }

    private static EntryKind kindOf(TarHeader header, EntryName name) {
        return switch (header.type()) {
            // Old tars know no directories but files whose name ends with a slash.
            case 0, '0', '7' -> name.text().endsWith("/") ? EntryKind.DIRECTORY : EntryKind.FILE;
            case 'S' -> EntryKind.FILE;
            case '1' -> EntryKind.HARDLINK;
            case '2' -> EntryKind.SYMLINK;
            case '5' -> EntryKind.DIRECTORY;
            default ->
                throw Refusal.entry(
                        ErrorCode.ARCHIVE_ENTRY_TYPE,
                        name.text(),
                        "it is " + typeName(header.type())
                                + "; only files, directories and links may be in an archive");
        };
    }

    private static String typeName(char type) {
        return switch (type) {
            case '3', '4' -> "a device";
            case '6' -> "a FIFO";
            default -> "of type '" + Refusal.shown(String.valueOf(type)) + "'";
        };
    }

    private void openContent(TarHeader header, EntryName name, long stored) throws IOException {
        in.expect(stored);
        SparseReader.Mapped mapped = metadata.isSparse() || header.type() == 'S'
                ? sparseMap(header, name.text(), stored)
                : new SparseReader.Mapped(SparseMap.dense(stored), 0);
        SparseMap map = mapped.map();
        if (map.stored() != stored - mapped.taken()) {
            throw SparseMap.broken(name.text());
        }
        in.charge(map.size() - map.stored());
        content = new EntryContent(in, map);
        behindContent = TarInput.padding(stored);
    }

    private SparseReader.Mapped sparseMap(TarHeader header, String name, long stored) throws IOException {
        if (header.type() != 'S') {
            return sparse.pax(metadata.records(), name, stored);
        }
        if (metadata.isSparse()) {
            throw SparseMap.broken(name);
        }
        return new SparseReader.Mapped(sparse.gnu(header, name), 0);
    }

    private Instant modified(TarHeader header, EntryName name) {
        Instant precise = metadata.modified();
        if (precise != null) {
            return precise;
        }
        long seconds = header.modifiedSeconds();
        if (seconds > FAR || seconds < -FAR) {
            throw Refusal.entry(ErrorCode.ARCHIVE_CORRUPT, name.text(), "its modification time is out of reach");
        }
        return Instant.ofEpochSecond(seconds);
    }

    /** Frees the decompressor, and the memory for the last entry's metadata. */
    @Override
    public void close() throws IOException {
        try {
            decompressed.close();
        } finally {
            budget.reset();
        }
    }
}
