package dev.slipway.process;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Reads one stream of a process to its end, on a thread of its own, so that the process never waits for nobody. */
final class OutputReader {
    private static final Logger LOG = Logger.getLogger(OutputReader.class);
    private static final int BUFFER = 64 * 1024;

    private final InputStream from;
    private final OutputSink.Stream stream;
    private final OutputSink sink;
    private final Thread thread;
    /** Since when it waits for bytes, by the monotonic clock; 0 while the sink has them. */
    private volatile long silentSince = System.nanoTime();

    private OutputReader(InputStream from, OutputSink.Stream stream, OutputSink sink) {
        this.from = from;
        this.stream = stream;
        this.sink = sink;
        this.thread = Thread.ofPlatform().daemon().name("output-" + stream).unstarted(this::read);
    }

    static OutputReader start(InputStream from, OutputSink.Stream stream, OutputSink sink) {
        OutputReader reader = new OutputReader(from, stream, sink);
        reader.thread.start();
        return reader;
    }

    /** Waits for the end of the stream, or until nothing came for {@code silence} while nobody was busy with it. */
    void finish(Duration silence) throws InterruptedException {
        while (!thread.join(Duration.ofMillis(50))) {
            long since = silentSince;
            if (since != 0 && System.nanoTime() - since > silence.toNanos()) {
                LOG.debugf("something still holds %s of an ended process open", stream);
                return;
            }
        }
    }

    private void read() {
        byte[] buffer = new byte[BUFFER];
        boolean sinking = true;
        try (from) {
            for (int n; (n = from.read(buffer)) >= 0; ) {
                silentSince = 0;
                sinking = sinking && accept(buffer, n);
                silentSince = System.nanoTime();
            }
        } catch (IOException e) {
            LOG.debugf("%s of a process ended: %s", stream, e.getMessage());
        }
    }

    /** A sink that fails must not end the process by SIGPIPE: reading goes on, into nothing. */
    private boolean accept(byte[] buffer, int n) {
        try {
            sink.write(stream, buffer, n);
            return true;
        } catch (RuntimeException e) {
            LOG.warn("the output of a process is no longer kept", e);
            return false;
        }
    }
}
