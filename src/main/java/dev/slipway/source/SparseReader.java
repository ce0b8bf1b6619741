package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.io.IOException;

/** Reads the maps of sparse files in the four forms tar knows: GNU's own, and PAX 0.0, 0.1 and 1.0. */
final class SparseReader {
    private final TarInput in;
    private final HeaderBudget budget;

    SparseReader(TarInput in, HeaderBudget budget) {
        this.in = in;
        this.budget = budget;
    }

    /** GNU's own form: four parts in the header, 21 more in each block that follows it. */
    SparseMap gnu(TarHeader header, String entry) throws IOException {
        if (!header.isGnu()) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_TYPE, entry, "it is sparse in a form that is not known");
        }
        SparseMap.Numbers numbers = new SparseMap.Numbers();
        addParts(header::number, 386, 4, numbers);
        boolean more = header.byteAt(482) != 0;
        while (more) {
            byte[] block = budget.read(in, TarHeader.BLOCK);
            addParts((offset, length, field) -> field(block, offset, length, entry), 0, 21, numbers);
            more = block[504] != 0;
        }
        return SparseMap.of(entry, realSize(header.number(483, 12, "real size"), entry), numbers);
    }

    private static void addParts(Field fields, int from, int parts, SparseMap.Numbers numbers) {
        for (int i = 0; i < parts; i++) {
            long offset = fields.number(from + 24 * i, 12, "map of holes");
            long length = fields.number(from + 24 * i + 12, 12, "map of holes");
            if (offset == 0 && length == 0) {
                return;
            }
            numbers.add(offset);
            numbers.add(length);
        }
    }

    private static long field(byte[] block, int offset, int length, String entry) {
        long number = TarNumber.any(block, offset, length);
        if (number < 0) {
            throw SparseMap.broken(entry);
        }
        return number;
    }

    /** Whichever form of PAX the records announce; more than one is none. */
    Mapped pax(PaxRecords records, String entry, long stored) throws IOException {
        String form = records.get("GNU.sparse.major") + "." + records.get("GNU.sparse.minor");
        return switch (form) {
            case "null.null", "0.0", "0.1" -> new Mapped(fromRecords(records, entry), 0);
            case "1.0" -> fromContent(records, entry, stored);
            default -> throw SparseMap.broken(entry);
        };
    }

    // PAX 0.0 and 0.1: the map stands in the records.
    private SparseMap fromRecords(PaxRecords records, String entry) {
        SparseMap.Numbers numbers = records.sparseNumbers();
        String map = records.get("GNU.sparse.map");
        if (map != null) {
            refuse(numbers.count() > 0, entry);
            numbers = new SparseMap.Numbers();
            for (String number : map.isEmpty() ? new String[0] : map.split(",", -1)) {
                numbers.add(decimal(number, entry));
            }
        }
        String parts = records.get("GNU.sparse.numblocks");
        refuse(parts != null && decimal(parts, entry) != numbers.count() / 2, entry);
        refuse(records.get("GNU.sparse.realsize") != null, entry);
        return SparseMap.of(entry, decimal(records.get("GNU.sparse.size"), entry), numbers);
    }

    // PAX 1.0: the map is decimal lines in front of the content.
    private Mapped fromContent(PaxRecords records, String entry, long stored) throws IOException {
        refuse(records.get("GNU.sparse.map") != null || records.sparseNumbers().count() > 0, entry);
        refuse(records.get("GNU.sparse.size") != null, entry);
        Lines lines = new Lines(entry, stored);
        long parts = lines.next();
        SparseMap.Numbers numbers = new SparseMap.Numbers();
        for (long i = 0; i < 2 * parts; i++) {
            numbers.add(lines.next());
        }
        long size = decimal(records.get("GNU.sparse.realsize"), entry);
        return new Mapped(SparseMap.of(entry, size, numbers), lines.taken);
    }

    private static void refuse(boolean contradiction, String entry) {
        if (contradiction) {
            throw SparseMap.broken(entry);
        }
    }

    private static long realSize(long size, String entry) {
        if (size < 0) {
            throw SparseMap.broken(entry);
        }
        return size;
    }

    private static long decimal(String text, String entry) {
        long number = text == null ? TarNumber.BROKEN : TarNumber.decimal(text);
        return realSize(number, entry);
    }

    /** A map and how many bytes in front of the content it took. */
    record Mapped(SparseMap map, long taken) {}

    private interface Field {
        long number(int offset, int length, String field);
    }

    private final class Lines {
        private final String entry;
        private final long stored;
        private byte[] block = new byte[0];
        private int at;
        private long taken;

        Lines(String entry, long stored) {
            this.entry = entry;
            this.stored = stored;
        }

        long next() throws IOException {
            StringBuilder digits = new StringBuilder();
            for (char each = nextChar(); each != '\n'; each = nextChar()) {
                if (digits.append(each).length() > 20) {
                    throw SparseMap.broken(entry);
                }
            }
            return decimal(digits.toString(), entry);
        }

        private char nextChar() throws IOException {
            if (at == block.length) {
                if (stored - taken < TarHeader.BLOCK) {
                    throw SparseMap.broken(entry);
                }
                block = budget.read(in, TarHeader.BLOCK);
                taken += TarHeader.BLOCK;
                at = 0;
            }
            return (char) (block[at++] & 0xff);
        }
    }
}
