package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The records of PAX headers that matter here; all others are checked for their form and forgotten. */
final class PaxRecords {
    private static final String SPARSE = "GNU.sparse.";
    private static final Set<String> SPARSE_KEYS =
            Set.of("name", "major", "minor", "size", "realsize", "numblocks", "offset", "numbytes", "map");
    private static final int FAR = 14; // digits of a second count that no calendar of ours reaches

    /** A global one is kept until the archive ends. */
    private static final int MAX_TIME = 100;

    private final Map<String, byte[]> values = new HashMap<>();
    private final SparseMap.Numbers sparse = new SparseMap.Numbers();

    /** Forgets everything. */
    void clear() {
        values.clear();
        sparse.clear();
    }

    /** Adds the records of one header; a later record replaces an earlier one. */
    void add(byte[] data, boolean global) {
        int at = 0;
        while (at < data.length) {
            int space = indexOf(data, (byte) ' ', at, Math.min(data.length, at + 10));
            long length = TarNumber.decimal(latin(data, at, space));
            if (length < space - at + 3L || length > data.length - at || data[at + (int) length - 1] != '\n') {
                throw broken("a PAX record's length is wrong");
            }
            int end = at + (int) length - 1;
            int equals = indexOf(data, (byte) '=', space + 1, end);
            put(latin(data, space + 1, equals), Arrays.copyOfRange(data, equals + 1, end), global);
            at = end + 1;
        }
    }

    private void put(String key, byte[] value, boolean global) {
        boolean sparseKey = key.startsWith(SPARSE);
        if (sparseKey && !SPARSE_KEYS.contains(key.substring(SPARSE.length()))) {
            throw broken("a PAX header has '" + Refusal.shown(key) + "', which no sparse format knows");
        }
        boolean ofOneEntry = sparseKey || key.equals("path") || key.equals("linkpath") || key.equals("size");
        if (global && ofOneEntry) {
            throw broken("a global PAX header sets '" + key + "', which belongs to one entry");
        }
        if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
            addSparse(key.equals("GNU.sparse.offset"), TarNumber.decimal(latin(value, 0, value.length)));
        } else if (key.equals("mtime") && value.length > MAX_TIME) {
            throw broken("a PAX record holds a time that is none");
        } else if (ofOneEntry || key.equals("mtime")) {
            values.put(key, value);
        }
    }

    private void addSparse(boolean offset, long number) {
        if (number < 0 || offset != (sparse.count() % 2 == 0)) {
            throw broken("a sparse file's PAX records are out of order");
        }
        sparse.add(number);
    }

    /** A record's bytes; null where there is none, or where an empty value takes it back. */
    byte[] bytes(String key) {
        byte[] value = values.get(key);
        return value == null || value.length == 0 ? null : value;
    }

    /** A record as text; null where there is none. */
    String get(String key) {
        byte[] value = values.get(key);
        return value == null ? null : latin(value, 0, value.length);
    }

    /** The numbers of a sparse file in the form PAX 0.0. */
    SparseMap.Numbers sparseNumbers() {
        return sparse;
    }

    /** Whether they describe a sparse file. */
    boolean isSparse() {
        return values.keySet().stream().anyMatch(key -> key.startsWith(SPARSE)) || sparse.count() > 0;
    }

    /** The size they give, or else the header's. */
    long size(long otherwise) {
        String text = get("size");
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        long size = TarNumber.decimal(text);
        if (size < 0) {
            throw broken("a PAX record's size is no number");
        }
        return size;
    }

    /** The modification time they give, to the nanosecond; null where there is none. */
    Instant modified() {
        String text = get("mtime");
        if (text == null || text.isEmpty()) {
            return null;
        }
        boolean negative = text.startsWith("-");
        String digits = negative ? text.substring(1) : text;
        int dot = digits.indexOf('.');
        String whole = dot < 0 ? digits : digits.substring(0, dot);
        String fraction = dot < 0 ? "" : digits.substring(dot + 1);
        long seconds = whole.length() > FAR ? TarNumber.BROKEN : TarNumber.decimal(whole);
        String nine = (fraction + "000000000").substring(0, 9);
        long nanos = TarNumber.decimal(nine);
        if (seconds < 0 || nanos < 0) {
            throw broken("a PAX record's time is no number");
        }
        Instant since = Instant.ofEpochSecond(seconds, nanos);
        return negative ? Instant.EPOCH.minusSeconds(seconds).minusNanos(nanos) : since;
    }

    private static int indexOf(byte[] data, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (data[i] == wanted) {
                return i;
            }
        }
        throw broken("a PAX record has not the form 'length key=value'");
    }

    private static String latin(byte[] data, int from, int to) {
        return new String(data, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static RuntimeException broken(String why) {
        return Refusal.archive(ErrorCode.ARCHIVE_CORRUPT, why);
    }
}
