package dev.slipway.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for what the kernel tells nobody, by looking again and again. */
public final class Polling {
    private Polling() {}

    /** Looks until something is so; false if that takes too long, or we are interrupted. */
    public static boolean await(BooleanSupplier isSo, Duration within, Duration pause) {
        long deadline = System.nanoTime() + within.toNanos();
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
