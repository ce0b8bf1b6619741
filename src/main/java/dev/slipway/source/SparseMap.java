package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.util.Arrays;

/** Which parts of a file stand in the archive; the others are holes. An ordinary file has one part: all of it. */
record SparseMap(long size, long[] offsets, long[] lengths) {
    /** A file without holes. */
    static SparseMap dense(long size) {
        return new SparseMap(size, new long[] {0}, new long[] {size});
    }

    /** The parts of {@code numbers} (offset, length, offset, length …), which have to be in order and within the file. */
    static SparseMap of(String entry, long size, Numbers numbers) {
        int parts = numbers.count() / 2;
        long[] offsets = new long[parts];
        long[] lengths = new long[parts];
        long end = 0;
        for (int i = 0; i < parts; i++) {
            offsets[i] = numbers.get(2 * i);
            lengths[i] = numbers.get(2 * i + 1);
            if (offsets[i] < end || lengths[i] < 0 || lengths[i] > size - offsets[i]) {
                throw broken(entry);
            }
            end = offsets[i] + lengths[i];
        }
        if (numbers.count() % 2 != 0) {
            throw broken(entry);
        }
        return new SparseMap(size, offsets, lengths);
    }

    /** The bytes that stand in the archive. */
    long stored() {
        long stored = 0;
        for (long length : lengths) {
            stored += length;
        }
        return stored;
    }

    static RuntimeException broken(String entry) {
        return Refusal.entry(ErrorCode.ARCHIVE_CORRUPT, entry, "its map of holes makes no sense");
    }

    /** A growing list of numbers, bounded by the bytes it is read from. */
    static final class Numbers {
        private long[] values = new long[16];
        private int count;

        void add(long value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count * 2);
            }
            values[count++] = value;
        }

        void clear() {
            count = 0;
        }

        int count() {
            return count;
        }

        long get(int index) {
            return values[index];
        }
    }
}
