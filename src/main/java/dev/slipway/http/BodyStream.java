package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A request's body as the InputStream of one worker thread: the event loop fills a queue of bounded size, and the
 * socket is paused while the queue is full. It fails with {@link ClientGoneException} when the client goes away, and
 * with a {@link SlipwayException} when the body is too large or too slow.
 */
public final class BodyStream extends InputStream {
    /** No chunk is larger: what one read from a socket brings, and quarkus.http.limits.max-chunk-size. */
    static final int LARGEST_CHUNK = 64 * 1024;

    private final HttpServerRequest request;
    private final BodyLimits limits;
    private final BufferBudget budget;
    private final Context context;
    private final long deadline;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Buffer> queue = new ArrayDeque<>();
    private long queued;
    private long kept;
    private long peak;
    private long received;
    private boolean paused;
    private boolean ended;
    private boolean closed;
    private Exception failure;

    // of the reading thread alone
    private Buffer current = Buffer.buffer(0);
    private int position;

    private BodyStream(HttpServerRequest request, BodyLimits limits, BufferBudget budget) {
        this.request = request;
        this.limits = limits;
        this.budget = budget;
        this.context = Objects.requireNonNull(Vertx.currentContext(), "a body is opened on its event loop");
        this.deadline = System.nanoTime() + limits.timeout().toNanos();
    }

    /** Accepts the body: from here on the client is asked to send it. To be called on the request's event loop. */
    static BodyStream open(HttpServerRequest request, BodyLimits limits, BufferBudget budget) {
        refuseTooLarge(announcedLength(request), limits.maxBody());
        BodyStream body = new BodyStream(request, limits, budget);
        body.start();
        return body;
    }

    /** How many bytes the client says it sends, or -1 where it does not say. */
    static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? -1 : Long.parseLong(length.trim());
        } catch (NumberFormatException e) {
            return -1; // the HTTP parser refuses these itself
        }
    }

    /** Whether the client waits for our word before it sends the body. */
    static boolean isContinueExpected(HttpServerRequest request) {
        return request.version() != HttpVersion.HTTP_1_0
                && HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(
                        Objects.requireNonNullElse(request.getHeader(HttpHeaders.EXPECT), ""));
    }

    private static void refuseTooLarge(long size, long limit) {
        if (size > limit) {
            throw tooLarge(limit);
        }
    }

    private static SlipwayException tooLarge(long limit) {
        return new SlipwayException(
                ErrorCode.REQUEST_TOO_LARGE,
                "tried to read the request's body but it is larger than the allowed " + limit + " bytes");
    }

    private SlipwayException noMemory() {
        return new SlipwayException(
                ErrorCode.UNAVAILABLE,
                "tried to read the request's body but too many bodies are being read at once; try again in a few seconds",
                Map.of("retryAfter", "5"),
                null);
    }

    private void start() {
        if (request.isEnded()) {
            ended = true;
            return;
        }
        request.handler(this::arrived).endHandler(v -> end()).exceptionHandler(this::broken);
        if (request.response().closed()) {
            broken(null); // it was closed before we listened, so nobody will tell us
        }
        if (isContinueExpected(request)) {
            request.response().writeContinue();
        }
        request.resume();
    }

    private void arrived(Buffer chunk) {
        lock.lock();
        try {
            if (closed || failure != null) {
                return;
            }
            received += chunk.length();
            if (received > limits.maxBody()) {
                fail(tooLarge(limits.maxBody()));
                return;
            }
            if (limits.kept() && budget.isExhausted()) {
                fail(noMemory());
                return;
            }
            queue.add(chunk);
            queued += chunk.length();
            peak = Math.max(peak, queued);
            budget.take(chunk.length());
            if (!paused && queued > room() - LARGEST_CHUNK) {
                paused = true;
                request.pause();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private long room() {
        return budget.isExhausted() ? LARGEST_CHUNK : limits.buffer();
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
        // What has arrived before may hold the whole body: let it through first, then judge.
        request.resume();
        context.runOnContext(v -> {
            lock.lock();
            try {
                if (!ended) {
                    fail(new ClientGoneException(received, cause));
                }
            } finally {
                lock.unlock();
            }
        });
    }

    private void fail(Exception cause) {
        if (failure == null) {
            failure = cause;
            forget();
            changed.signal();
        }
    }

    private void forget() {
        budget.giveBack(queued);
        queue.clear();
        queued = 0;
        paused = true;
        context.runOnContext(v -> request.pause());
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
        int n = Math.min(length, current.length() - position);
        current.getBytes(position, position + n, target, offset);
        position += n;
        return n;
    }

    @Override
    public int available() {
        return current.length() - position;
    }

    /** How many bytes have arrived so far. */
    public long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }

    /** The most bytes that ever waited for the reader. */
    long peak() {
        lock.lock();
        try {
            return peak;
        } finally {
            lock.unlock();
        }
    }

    private boolean advance() throws IOException {
        lock.lock();
        try {
            current = Buffer.buffer(0); // whoever waits long need not keep what it has read
            position = 0;
            long idleUntil = System.nanoTime() + limits.idleTimeout().toNanos();
            while (queue.isEmpty()) {
                throwFailure();
                if (ended) {
                    return false;
                }
                await(idleUntil);
            }
            throwFailure();
            current = queue.poll();
            queued -= current.length();
            if (limits.kept()) {
                kept += current.length();
            } else {
                budget.giveBack(current.length());
            }
            resumeIfThereIsRoom();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void resumeIfThereIsRoom() {
        // Half empty, not as soon as a byte fits: each change costs a hop to the event loop.
        if (paused && !ended && (queued == 0 || queued < (room() - LARGEST_CHUNK) / 2)) {
            paused = false;
            context.runOnContext(v -> request.resume());
        }
    }

    private void await(long idleUntil) throws IOException {
        long now = System.nanoTime();
        if (now - idleUntil >= 0) {
            fail(timeout("sent nothing for", limits.idleTimeout()));
        } else if (now - deadline >= 0) {
            fail(timeout("had not sent all of it after", limits.timeout()));
        } else {
            try {
                long ignored = changed.awaitNanos(Math.min(idleUntil - now, deadline - now));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while reading a request's body");
            }
        }
    }

    private SlipwayException timeout(String what, Duration limit) {
        return new SlipwayException(
                ErrorCode.REQUEST_TIMEOUT,
                "tried to read the request's body but the client " + what + " " + limit + " (" + received
                        + " bytes had arrived)");
    }

    private void throwFailure() throws IOException {
        if (closed) {
            throw new IOException("tried to read a request's body but it is closed");
        }
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IOException(failure);
        }
    }

    /** Stops reading; what the client still sends is left to {@link UnreadBodies}. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                if (!ended) {
                    forget();
                }
                budget.giveBack(queued + kept);
                queue.clear();
                queued = 0;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        current = Buffer.buffer(0);
        position = 0;
    }
}
