package dev.slipway.worker;

import dev.slipway.build.BuildClaim;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.buildah.Limits;
import dev.slipway.process.Killer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** One attempt while it runs: what it holds open, and why it has to stop where it has to. */
final class RunningAttempt {
    /** Why an attempt is stopped from outside. */
    enum Stop {
        /** Somebody cancelled the build. */
        CANCELLED,
        /** The lease is gone: another worker may have the build. */
        LOST,
        /** The service shuts down. */
        SHUTDOWN
    }

    private final ClaimedBuild build;
    private final Hold hold;
    private final Killer killer = new Killer();
    private final AtomicReference<Stop> stop = new AtomicReference<>();
    private final AtomicReference<Excess> excess = new AtomicReference<>();
    private volatile boolean ending;
    private volatile boolean diskFull;
    private volatile Instant began = Instant.MAX;
    private volatile List<Path> places = List.of();
    private final Set<BuildahSandbox> sandboxes = ConcurrentHashMap.newKeySet();

    RunningAttempt(ClaimedBuild build, Hold hold) {
        this.build = build;
        this.hold = hold;
    }

    ClaimedBuild build() {
        return build;
    }

    BuildClaim claim() {
        return build.claim();
    }

    Killer killer() {
        return killer;
    }

    /** Stops it; the first reason counts, but that a lease is lost outweighs all others. Does not wait. */
    void stop(Stop why) {
        boolean first = stop.compareAndSet(null, why);
        if (why == Stop.LOST) {
            stop.set(why);
        }
        if (first) {
            hold.end();
            // killing waits for the end of processes: not the caller's business
            Thread.ofVirtual().name("stop-" + build.number()).start(killer::kill);
        }
    }

    Optional<Stop> stopped() {
        return Optional.ofNullable(stop.get());
    }

    /** Its outcome is being noted, which takes its lease away. */
    void ending() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    /** It went over a limit: its sandboxes end, and the step that runs in them fails for this reason. Does not wait. */
    void exceed(Excess what) {
        if (excess.compareAndSet(null, what)) {
            sandboxes.forEach(BuildahSandbox::end);
        }
    }

    /** Goes over a limit if the kernel held one of its sandboxes to that, or killed it: nobody else may have seen it. */
    void askTheKernel(Limits limits) {
        sandboxes.stream()
                .flatMap(sandbox -> sandbox.refusal().stream())
                .findFirst()
                .ifPresent(refusal -> exceed(Excess.of(refusal, limits)));
    }

    /** Over which limit it went. */
    Optional<Excess> excess() {
        return Optional.ofNullable(excess.get());
    }

    /** Remembers that the disk was full, for what fails meanwhile: by then there may be room again. */
    void sawFullDisk() {
        diskFull = true;
    }

    /** What fails from here on has nothing to do with what was. */
    void beginStep() {
        diskFull = false;
    }

    boolean isDiskFull() {
        return diskFull;
    }

    /** The PID namespaces of its sandboxes. */
    Set<String> namespaces() {
        return sandboxes.stream().map(BuildahSandbox::namespace).collect(Collectors.toSet());
    }

    /** Since when it writes to the disk, by the disk's own clock. */
    Instant began() {
        return began;
    }

    /** The directories into which it writes, which are no other's. */
    List<Path> places() {
        return places;
    }

    void writesTo(List<Path> directories, Instant since) {
        began = since;
        places = List.copyOf(directories);
    }

    /**
     * From now on {@link #renewed} reaches the sandbox, until {@link #remove}. An attempt that went over a limit gets
     * none that lasts.
     */
    BuildahSandbox add(BuildahSandbox sandbox) {
        sandboxes.add(sandbox);
        if (excess.get() != null) {
            sandbox.end();
        }
        return sandbox;
    }

    void remove(BuildahSandbox sandbox) {
        sandboxes.remove(sandbox);
    }

    /**
     * The lease was renewed: its sandboxes may live on, and others may open.
     *
     * @param sent when that was asked for, by {@link System#nanoTime}
     */
    void renewed(long sent) {
        hold.renew(sent);
        sandboxes.forEach(BuildahSandbox::heartbeat);
    }

    /**
     * Returns when a sandbox that opens now would end before the lease, or when the attempt is stopped.
     *
     * @throws AttemptEndedException if the thread is interrupted
     */
    void awaitHeld() {
        try {
            hold.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttemptEndedException("interrupted");
        }
    }
}
