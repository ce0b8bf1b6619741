package dev.slipway.joblog;

import dev.slipway.joblog.LineCodec.Heading;
import dev.slipway.joblog.LogLine.Stream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lines on their way from a process to the database. While the log's head fills, a full buffer makes the process wait;
 * past the head it is a ring that drops the oldest lines, and a flood is only slowed down.
 */
final class LineBuffer {
    /** How much of what was taken stays for {@link #tail}. */
    private static final int RECENT_BYTES = 64 * 1024;

    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LogLimits limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition filled = lock.newCondition();
    private final Condition roomier = lock.newCondition();
    private final Condition closing = lock.newCondition();

    private final Deque<LineBlock> pending = new ArrayDeque<>();
    private final Deque<LineBlock> recent = new ArrayDeque<>();
    private long headBytes;
    private long pendingHead;
    private long pendingTail;
    private long recentBytes;
    private long floodTime = System.nanoTime();
    private boolean closed;

    LineBuffer(LogLimits limits) {
        this.limits = limits;
    }

    /** Waits until more may be appended, or the buffer closes. An interrupted caller does not wait but may go on. */
    void awaitRoom(int coming) {
        lock.lock();
        try {
            while (pendingHead >= limits.pending() && !closed) {
                roomier.await();
            }
            if (isHeadFull()) {
                slowDown(coming);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void slowDown(int coming) throws InterruptedException {
        long cost = coming * TimeUnit.SECONDS.toNanos(1) / limits.flood();
        floodTime = Math.max(floodTime, System.nanoTime() - BURST_NANOS) + cost;
        long nanos = floodTime - System.nanoTime();
        while (nanos > 0 && !closed) {
            nanos = closing.awaitNanos(nanos);
        }
    }

    private boolean isHeadFull() {
        return headBytes >= limits.head();
    }

    void append(Heading heading, byte[] utf8, int offset, int length) {
        lock.lock();
        try {
            boolean tail = isHeadFull();
            LineBlock block = pending.peekLast();
            if (block == null || block.isTail() != tail || block.isFull(limits.block())) {
                block = new LineBlock(tail);
                pending.addLast(block);
                filled.signal();
            }
            int before = block.size();
            block.add(heading, utf8, offset, length);
            int added = block.size() - before;
            if (tail) {
                pendingTail += added;
                dropOldest();
            } else {
                headBytes += added;
                pendingHead += added;
            }
        } finally {
            lock.unlock();
        }
    }

    private void dropOldest() {
        if (pendingTail <= limits.tail()) {
            return;
        }
        Iterator<LineBlock> blocks = pending.iterator();
        LineBlock oldest = blocks.next();
        while (!oldest.isTail()) {
            oldest = blocks.next();
        }
        if (blocks.hasNext()) {
            blocks.next().skip(oldest.skipped() + oldest.lines());
            pendingTail -= oldest.size();
            pending.remove(oldest);
        }
    }

    /** The oldest block; null when none came in time or the buffer is closed. */
    LineBlock take(Duration patience) throws InterruptedException {
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (pending.isEmpty() && !closed && nanos > 0) {
                nanos = filled.awaitNanos(nanos);
            }
            LineBlock block = pending.pollFirst();
            if (block != null) {
                if (block.isTail()) {
                    pendingTail -= block.size();
                } else {
                    pendingHead -= block.size();
                    roomier.signalAll();
                }
                remember(block);
            }
            return block;
        } finally {
            lock.unlock();
        }
    }

    private void remember(LineBlock block) {
        recent.addFirst(block);
        recentBytes += block.size();
        while (recentBytes - recent.getLast().size() >= RECENT_BYTES) {
            recentBytes -= recent.removeLast().size();
        }
    }

    /** Lets time pass, unless the buffer is closed: then what is left goes out as fast as it can. */
    void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (left > 0 && !closed) {
                left = closing.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The last lines that a step's processes printed, taken or not, as far as they are still here. */
    List<String> tail(String step, int count) {
        lock.lock();
        try {
            Deque<String> tail = new ArrayDeque<>();
            Iterator<LineBlock> waiting = pending.descendingIterator();
            Iterator<LineBlock> taken = recent.iterator();
            while (tail.size() < count && (waiting.hasNext() || taken.hasNext())) {
                LineBlock block = (waiting.hasNext() ? waiting : taken).next();
                List<LogLine> lines = LineCodec.decode(block.text(), 1, 0);
                lines.reversed().stream()
                        .filter(line -> line.stream() != Stream.SYSTEM && step.equals(line.step()))
                        .limit(count - tail.size())
                        .forEach(line -> tail.addFirst(line.text()));
            }
            return List.copyOf(tail);
        } finally {
            lock.unlock();
        }
    }

    /** No one waits any more; what is in here can still be taken. */
    void close() {
        lock.lock();
        try {
            closed = true;
            filled.signalAll();
            roomier.signalAll();
            closing.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isDrained() {
        lock.lock();
        try {
            return closed && pending.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** How many lines still wait. */
    long waiting() {
        lock.lock();
        try {
            return pending.stream().mapToLong(LineBlock::lines).sum();
        } finally {
            lock.unlock();
        }
    }
}
