package dev.slipway.process;

import java.util.ArrayList;
import java.util.List;

/** A switch that ends running commands, from any thread, once and for all: what is started under it later ends at once. */
public final class Killer {
    private final List<Runnable> victims = new ArrayList<>();
    private boolean killed;

    /** Throws the switch. */
    public void kill() {
        List<Runnable> now;
        synchronized (this) {
            if (killed) {
                return;
            }
            killed = true;
            now = List.copyOf(victims);
            victims.clear();
        }
        now.forEach(Runnable::run);
    }

    /** Whether the switch was thrown. */
    public synchronized boolean killed() {
        return killed;
    }

    /** Adds something to end when the switch is thrown; ends it at once where it was already. */
    public void onKill(Runnable victim) {
        synchronized (this) {
            if (!killed) {
                victims.add(victim);
                return;
            }
        }
        victim.run();
    }

    /** Takes back what {@link #onKill} added. */
    public synchronized void forget(Runnable victim) {
        victims.remove(victim);
    }
}
