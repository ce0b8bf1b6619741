package dev.slipway.worker;

import dev.slipway.buildah.SandboxException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** A sandbox that opens while its attempt does something else, so that nobody waits for it; closes it if nobody takes it. */
final class SandboxAhead implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(SandboxAhead.class);

    private final FutureTask<OpenSandbox> opening;
    private boolean taken;

    private SandboxAhead(FutureTask<OpenSandbox> opening) {
        this.opening = opening;
    }

    static SandboxAhead begin(Supplier<OpenSandbox> open) {
        FutureTask<OpenSandbox> opening = new FutureTask<>(open::get);
        Thread.ofPlatform().daemon().name("sandbox-ahead").start(opening);
        return new SandboxAhead(opening);
    }

    /** The sandbox once it is open, the taker's to close; empty where it did not open, or did not live until now. */
    Optional<OpenSandbox> take() {
        taken = true;
        try {
            OpenSandbox open = await();
            if (open.sandbox().isOpen()) {
                return Optional.of(open);
            }
            open.close();
        } catch (SandboxException | UncheckedIOException e) {
            LOG.debugf("a sandbox did not open ahead of its time: %s", e.getMessage());
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        if (!taken) {
            try {
                await().close();
            } catch (RuntimeException e) {
                // it did not open, and why the attempt ends is said elsewhere
            }
        }
    }

    private OpenSandbox await() {
        try {
            return opening.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("tried to open a sandbox but it failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttemptEndedException("interrupted");
        }
    }
}
