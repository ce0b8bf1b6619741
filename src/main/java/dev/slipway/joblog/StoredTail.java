package dev.slipway.joblog;

import dev.slipway.joblog.LogRepository.Cut;
import java.util.ArrayDeque;
import java.util.Deque;

/** The rows of an attempt's rolling tail as they are stored, and which of them must go. */
final class StoredTail {
    private record TailRow(long lastN, int bytes) {}

    private final long budget;
    private final Deque<TailRow> rows = new ArrayDeque<>();
    private long bytes;
    private long headEnd;

    StoredTail(long budget) {
        this.budget = budget;
    }

    /** What has to go when this block comes. */
    Cut cutFor(LineBlock block) {
        long goes = 0;
        if (block.isTail()) {
            long left = bytes;
            for (TailRow row : rows) {
                // Lines dropped before the block would tear the tail: what is before the hole goes with them.
                if (block.skipped() == 0 && left + block.size() <= budget) {
                    break;
                }
                left -= row.bytes();
                goes = row.lastN();
            }
        }
        return goes == 0 ? Cut.NOTHING : new Cut(headEnd, goes);
    }

    /** The block is stored, and what was to go for it is gone. */
    void stored(LineBlock block, Cut cut, long lastN) {
        while (!rows.isEmpty() && rows.peekFirst().lastN() <= cut.to()) {
            bytes -= rows.removeFirst().bytes();
        }
        if (block.isTail()) {
            rows.addLast(new TailRow(lastN, block.size()));
            bytes += block.size();
        } else {
            headEnd = lastN;
        }
    }
}
