package dev.slipway.source;

/** What one source has of a {@link MemoryBudget}; for one thread at a time. Closing gives all of it back. */
final class MemoryShare implements AutoCloseable {
    private final MemoryBudget budget;
    private final MemoryShare whole;
    private long held;

    MemoryShare(MemoryBudget budget) {
        this(budget, null);
    }

    private MemoryShare(MemoryBudget budget, MemoryShare whole) {
        this.budget = budget;
        this.whole = whole;
    }

    /** A part of this share, for what ends earlier; to be closed first. */
    MemoryShare part() {
        return new MemoryShare(budget, this);
    }

    /** One that is never refused. */
    static MemoryShare unlimited() {
        return new MemoryShare(MemoryBudget.unlimited());
    }

    /** The most it can ever hold. */
    long most() {
        return budget.most();
    }

    /** Takes bytes before they are allocated; may wait, and refuses where none become free. */
    void take(long bytes) {
        if (whole == null) {
            budget.take(bytes, held);
        } else {
            whole.take(bytes);
        }
        held += bytes;
    }

    void giveBack(long bytes) {
        held -= bytes;
        if (whole == null) {
            budget.giveBack(bytes);
        } else {
            whole.giveBack(bytes);
        }
    }

    @Override
    public void close() {
        giveBack(held);
    }
}
