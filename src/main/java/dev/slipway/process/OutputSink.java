package dev.slipway.process;

/** Where a process's output goes, as raw bytes, while it runs. */
@FunctionalInterface
public interface OutputSink {
    /** Throws everything away. */
    OutputSink DISCARD = (stream, bytes, length) -> {};

    /** Which of a process's two streams. */
    enum Stream {
        STDOUT,
        STDERR
    }

    /**
     * Takes the first {@code length} bytes of {@code bytes}, which the caller reuses afterwards. May block: the process
     * then waits in its own write. The two streams call from threads of their own.
     */
    void write(Stream stream, byte[] bytes, int length);
}
