package dev.slipway.http;

import io.quarkus.runtime.configuration.MemorySize;
import java.util.concurrent.atomic.AtomicLong;

/** The memory that all bodies together hold while they wait for their readers. */
final class BufferBudget {
    private static final long ENOUGH = 64L << 20;

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    BufferBudget(long limit) {
        this.limit = limit;
    }

    static BufferBudget of(HttpConfig config) {
        long eighth = Runtime.getRuntime().maxMemory() / 8;
        return new BufferBudget(
                config.bodyBuffersTotal().map(MemorySize::asLongValue).orElse(Math.min(ENOUGH, eighth)));
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
