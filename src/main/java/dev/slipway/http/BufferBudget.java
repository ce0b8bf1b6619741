package dev.slipway.http;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that all bodies together hold while they wait for their readers. */
final class BufferBudget {
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    BufferBudget(long limit) {
        this.limit = limit;
    }

    void take(long bytes) {
        held.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    boolean isExhausted() {
        return held.get() >= limit;
    }

    long held() {
        return held.get();
    }
}
