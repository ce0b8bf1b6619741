package dev.slipway.source;

import org.tukaani.xz.ArrayCache;

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

    /** Where xz's decoder gets its arrays from: only there is known how much it needs. */
    ArrayCache arrays() {
        return new ArrayCache() {
            @Override
            public byte[] getByteArray(int size, boolean fillWithZeros) {
                take(size);
                return new byte[size];
            }

            @Override
            public void putArray(byte[] array) {
                giveBack(array.length);
            }
        };
    }

    @Override
    public void close() {
        budget.giveBack(held);
        held = 0;
    }
}
