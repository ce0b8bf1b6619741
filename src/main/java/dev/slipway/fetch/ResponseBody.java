package dev.slipway.fetch;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A response's body as the InputStream of one worker thread: the event loop fills a queue of bounded size, and the
 * socket is paused while the queue is full. A body that breaks off is a {@link TransferException}, and never an end.
 */
final class ResponseBody extends InputStream {
    private static final int ROOM = 1 << 20;

    private final HttpClientResponse response;
    private final Context context;
    private final Patience patience;
    private final Duration idleTimeout;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Buffer> queue = new ArrayDeque<>();
    private int queued;
    private long received;
    private boolean paused;
    private boolean ended;
    private IOException failure;

    // of the reading thread alone
    private Buffer current = Buffer.buffer(0);
    private int position;

    /** Begins to take what comes; to be called on the response's event loop, before anything came. */
    ResponseBody(HttpClientResponse response, Patience patience, Duration idleTimeout) {
        this.response = response;
        this.context = Objects.requireNonNull(Vertx.currentContext(), "a body is opened on its event loop");
        this.patience = patience;
        this.idleTimeout = idleTimeout;
        response.handler(this::arrived).endHandler(v -> end()).exceptionHandler(this::broken);
        patience.onStop(() -> fail(Patience.stopped()));
    }

    private void arrived(Buffer chunk) {
        lock.lock();
        try {
            received += chunk.length();
            if (failure != null) {
                return;
            }
            queue.add(chunk);
            queued += chunk.length();
            if (!paused && queued >= ROOM) {
                paused = true;
                response.pause();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void broken(Throwable cause) {
        fail(TransferException.passing("the connection broke after " + received + " bytes", cause));
    }

    private void fail(IOException cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
                queue.clear();
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (position == current.length() && !advance()) {
            return -1;
        }
        int count = Math.min(length, current.length() - position);
        current.getBytes(position, position + count, target, offset);
        position += count;
        return count;
    }

    private boolean advance() throws IOException {
        lock.lock();
        try {
            long idleUntil = System.nanoTime() + idleTimeout.toNanos();
            patience.checkDeadline();
            while (queue.isEmpty() && failure == null && !ended) {
                await(idleUntil - System.nanoTime());
            }
            if (failure != null) {
                throw failure;
            }
            if (queue.isEmpty()) {
                return false;
            }
            current = queue.poll();
            position = 0;
            queued -= current.length();
            if (paused && queued < ROOM / 2) {
                paused = false;
                context.runOnContext(v -> response.resume());
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void await(long idleLeft) throws IOException {
        patience.checkDeadline();
        if (idleLeft <= 0) {
            throw TransferException.passing(
                    "the server sent nothing for " + idleTimeout.toSeconds() + " s, after " + received + " bytes");
        }
        try {
            long ignored = changed.awaitNanos(Math.min(idleLeft, patience.left()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Patience.stopped();
        }
    }
}
