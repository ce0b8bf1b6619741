package dev.slipway.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** Copies that run beside their owner, a few at a time; the first that fails ends them all. For one owner at a time. */
final class ParallelCopies implements Closeable {
    private static final int MOST = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);

    private final Semaphore free = new Semaphore(MOST);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Begins a copy, once one of those before has ended. */
    void start(Copy copy) throws IOException {
        free.acquireUninterruptibly();
        try {
            throwFailure();
            // no virtual one: the kernel would hold its carrier for as long as a large copy takes
            Thread.ofPlatform().name("unpack").start(() -> run(copy));
        } catch (IOException | RuntimeException | Error e) {
            free.release();
            throw e;
        }
    }

    private void run(Copy copy) {
        try {
            copy.run();
        } catch (Throwable e) { // whatever it is, the owner has to hear of it
            failure.compareAndSet(null, e);
        } finally {
            free.release();
        }
    }

    /** Waits for all of them. */
    void await() throws IOException {
        close();
        throwFailure();
    }

    private void throwFailure() throws IOException {
        switch (failure.get()) {
            case null -> {}
            case IOException e -> throw new IOException(e.getMessage(), e);
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IOException(e);
        }
    }

    /** Waits for all of them, whatever became of them: what they use may be closed then. */
    @Override
    public void close() {
        free.acquireUninterruptibly(MOST);
        free.release(MOST);
    }

    /** One copy. */
    interface Copy {
        void run() throws IOException;
    }
}
