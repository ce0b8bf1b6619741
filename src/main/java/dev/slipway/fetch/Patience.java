package dev.slipway.fetch;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** How long a fetch may go on: until its deadline, or until it is stopped. Who waits in it, waits here. */
final class Patience {
    private final Duration whole;
    private final long deadline;
    private final CompletableFuture<Void> stop;

    Patience(Duration whole, CompletableFuture<Void> stop) {
        this.whole = whole;
        this.deadline = System.nanoTime() + whole.toNanos();
        this.stop = stop;
    }

    /** The result of {@code work}, or the failure of it; {@code late} says what took longer than {@code limit}. */
    <T> T await(CompletableFuture<T> work, Duration limit, String late) throws IOException, ExecutionException {
        try {
            CompletableFuture.anyOf(work, stop).get(Math.min(left(), limit.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            checkDeadline();
            throw TransferException.passing(late + " within " + limit.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopped();
        }
        if (stop.isDone()) {
            throw stopped();
        }
        return work.resultNow();
    }

    /** Waits. */
    void pause(Duration time) throws IOException {
        if (time.toNanos() >= left()) {
            throw overdue();
        }
        try {
            stop.get(time.toNanos(), TimeUnit.NANOSECONDS);
            throw stopped();
        } catch (TimeoutException e) {
            // as it should be
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stopped();
        } catch (ExecutionException e) {
            throw stopped();
        }
    }

    /** Nanoseconds to the deadline, at least one. */
    long left() {
        return Math.max(1, deadline - System.nanoTime());
    }

    void checkDeadline() throws TransferException {
        if (System.nanoTime() - deadline >= 0) {
            throw overdue();
        }
    }

    /** Runs something as soon as the fetch is stopped, at once where it is. */
    void onStop(Runnable action) {
        stop.whenComplete((done, failure) -> action.run());
    }

    private TransferException overdue() {
        return TransferException.lasting("it was not done within " + whole.toSeconds() + " s");
    }

    static InterruptedIOException stopped() {
        return new InterruptedIOException("the fetch was stopped");
    }
}
