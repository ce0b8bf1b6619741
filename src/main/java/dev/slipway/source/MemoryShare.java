package dev.slipway.source;

/** What one source has of a {@link MemoryBudget}; for one thread at a time. Closing gives all of it back. */
final class MemoryShare implements AutoCloseable {
    private final MemoryBudget budget;
    private long held;

    MemoryShare(MemoryBudget budget) {
        this.budget = budget;
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
        budget.take(bytes, held);
        held += bytes;
    }

    void giveBack(long bytes) {
        held -= bytes;
        budget.giveBack(bytes);
    }

    @Override
    public void close() {
        budget.giveBack(held);
        held = 0;
    }
}
