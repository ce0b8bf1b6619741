package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;

/** What records in front of an entry say about it: PAX headers (of one entry and global) and GNU's long names. */
final class EntryMetadata {
    private static final long FITS_NO_HEADER = 1L << 33; // eleven octal digits

    private final TarInput in;
    private final HeaderBudget budget;
    private final PaxRecords own = new PaxRecords();
    private final PaxRecords global = new PaxRecords();
    private byte[] longName;
    private byte[] longLink;
    private boolean pending;

    EntryMetadata(TarInput in, HeaderBudget budget) {
        this.in = in;
        this.budget = budget;
    }

    /** A new entry begins; what is global stays. */
    void clear() {
        own.clear();
        longName = null;
        longLink = null;
        pending = false;
    }

    /** Reads a header's content if it is metadata; false if the header is an entry's own. */
    boolean takes(TarHeader header) throws IOException {
        switch (header.type()) {
            case 'x' -> own.add(content(header), false);
            case 'g' -> global.add(content(header), true);
            case 'L' -> longName = agreed(longName, longText(header));
            case 'K' -> longLink = agreed(longLink, longText(header));
            case 'V' -> content(header); // the label GNU tar's --label writes
            default -> {
                return false;
            }
        }
        pending |= header.type() != 'g' && header.type() != 'V';
        return true;
    }

    private byte[] content(TarHeader header) throws IOException {
        long size = header.size();
        byte[] content = budget.read(in, size);
        in.skip(TarInput.padding(size));
        return content;
    }

    private byte[] longText(TarHeader header) throws IOException {
        if (!budget.holds(header.size())) {
            throw Refusal.archive(ErrorCode.ARCHIVE_NAME_TOO_LONG, "an entry's name has " + header.size() + " bytes");
        }
        return text(content(header));
    }

    // GNU tar ends the text with a NUL; a NUL in its middle would make readers disagree.
    private static byte[] text(byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] == 0) {
            end--;
        }
        return Arrays.copyOf(content, end);
    }

    /** Whether records came that want an entry after them. */
    boolean isPending() {
        return pending;
    }

    byte[] name(TarHeader header) {
        return first(own.bytes("GNU.sparse.name"), agreed(own.bytes("path"), longName), header.name());
    }

    byte[] linkTarget(TarHeader header) {
        return first(agreed(own.bytes("linkpath"), longLink), header.linkTarget());
    }

    // Readers that believe the one number and readers that believe the other would see different entries behind it.
    long size(TarHeader header) {
        long inHeader = header.size();
        long size = own.size(inHeader);
        if (size != inHeader && size < FITS_NO_HEADER) {
            throw disagreement("size");
        }
        return size;
    }

    /** The time the records give; null where they give none. */
    Instant modified() {
        Instant modified = own.modified();
        return modified != null ? modified : global.modified();
    }

    boolean isSparse() {
        return own.isSparse();
    }

    PaxRecords records() {
        return own;
    }

    private static byte[] agreed(byte[] one, byte[] other) {
        if (one != null && other != null && !Arrays.equals(one, other)) {
            throw disagreement("name");
        }
        return one != null ? one : other;
    }

    private static RuntimeException disagreement(String what) {
        return Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "an entry's records disagree about its " + what);
    }

    private static byte[] first(byte[]... candidates) {
        for (byte[] candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        throw Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, "an entry has no name");
    }
}
