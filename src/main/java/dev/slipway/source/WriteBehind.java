package dev.slipway.source;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes a file in a thread beside the one that has its bytes: what the kernel takes for a write is about what hashing
 * and judging take. It needs buffers, of which all sources together have a few; who finds none writes by himself. Nobody
 * keeps one while he waits for his client.
 */
final class WriteBehind implements Closeable {
    private static final int BLOCK = 64 * 1024;
    /** Four megabytes for the whole process, outside of the heap. */
    private static final int BLOCKS = 64;
    /** What one file may have of them. */
    private static final int MOST = 16;
    /** Below this another thread is not worth its start. */
    private static final long SMALL = 256 * 1024;

    private static final AtomicInteger MADE = new AtomicInteger();
    private static final ConcurrentLinkedQueue<ByteBuffer> SPARE = new ConcurrentLinkedQueue<>();

    private final FileChannel file;
    private final WriteBack writeBack;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    private boolean writing;
    private Throwable failure;
    private long size;

    WriteBehind(FileChannel file) {
        this.file = file;
        this.writeBack = new WriteBack(file);
    }

    /** Writes bytes behind those of the call before; the array is the caller's again. A failure may show at a later call. */
    void write(byte[] from, int offset, int length) throws IOException {
        size += length;
        ByteBuffer block = size > SMALL && length <= BLOCK ? spare() : null;
        if (block != null) {
            add(block.put(from, offset, length).flip());
        } else {
            flush();
            for (ByteBuffer bytes = ByteBuffer.wrap(from, offset, length); bytes.hasRemaining(); ) {
                file.write(bytes);
            }
        }
        writeBack.written(length);
    }

    /** A buffer that nobody has, or null. */
    private static ByteBuffer spare() {
        ByteBuffer spare = SPARE.poll();
        boolean more = spare == null && MADE.get() < BLOCKS && MADE.incrementAndGet() <= BLOCKS;
        return more ? ByteBuffer.allocateDirect(BLOCK) : spare;
    }

    private void add(ByteBuffer block) throws IOException {
        lock.lock();
        try {
            if (!writing) {
                Thread.ofVirtual().start(this::run); // it begins when this lock is free
                writing = true;
            }
            queue.add(block);
            while (queue.size() >= MOST) {
                changed.awaitUninterruptibly();
            }
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (ByteBuffer[] blocks = next(); blocks.length > 0; blocks = next()) {
            try {
                for (ByteBuffer last = blocks[blocks.length - 1]; last.hasRemaining(); ) {
                    file.write(blocks);
                }
            } catch (Throwable e) { // whatever it is, somebody waits for this thread
                fail(e);
            } finally {
                for (ByteBuffer block : blocks) {
                    SPARE.add(block.clear());
                }
            }
        }
    }

    /** What is to be written next, all of it in one call; nothing where this thread is at its end. */
    private ByteBuffer[] next() {
        lock.lock();
        try {
            ByteBuffer[] blocks = queue.toArray(ByteBuffer[]::new);
            queue.clear();
            writing = blocks.length > 0;
            changed.signalAll();
            return blocks;
        } finally {
            lock.unlock();
        }
    }

    private void fail(Throwable e) {
        lock.lock();
        try {
            failure = failure == null ? e : failure;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all of it is in the file, or fails. */
    void flush() throws IOException {
        lock.lock();
        try {
            awaitIdle();
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    private void awaitIdle() {
        while (writing) {
            changed.awaitUninterruptibly();
        }
    }

    private void throwFailure() throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    /** Makes all of it survive a power cut. */
    void sync() throws IOException {
        flush();
        writeBack.finish();
    }

    /** Closes the file when nobody writes it any more. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            awaitIdle();
        } finally {
            lock.unlock();
        }
        file.close();
    }
}
