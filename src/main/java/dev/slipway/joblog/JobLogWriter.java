package dev.slipway.joblog;

import dev.slipway.joblog.LineCodec.Heading;
import dev.slipway.joblog.LogLine.Stream;
import java.io.Closeable;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * The log of one attempt while it runs. Lines show up for followers some milliseconds later; when the attempt has lost
 * its build, nothing is written any more. Close it before the build is finished: an ended build takes no lines.
 */
public final class JobLogWriter implements Closeable {
    private static final Logger LOG = Logger.getLogger(JobLogWriter.class);
    /** Something that always prints a little, and never a newline, shows up after this many silences' time. */
    private static final int PATIENCE = 5;

    private final JobLogConfig config;
    private final LineBuffer buffer;
    private final LogFlusher flusher;
    private final Clock clock;
    private final Thread thread;
    private final Map<Stream, Input> inputs = new EnumMap<>(Stream.class);
    private String step;
    private boolean closed;

    /** {@code clock} shows the database's time. */
    JobLogWriter(LogRepository repository, JobLogConfig config, LogFlusher.Attempt attempt, Clock clock) {
        this.config = config;
        this.buffer = attempt.buffer();
        this.clock = clock;
        this.flusher = new LogFlusher(repository, config, attempt, this::flushStale);
        this.thread = Thread.ofVirtual().name("log-" + attempt.build()).start(flusher);
    }

    /** One stream of a step, as lines. */
    private final class Input {
        private final LineSplitter splitter = new LineSplitter(this::append);
        private Heading heading;
        private long lastByteAt;
        private long partialSince;

        private void append(byte[] utf8, int offset, int length) {
            buffer.append(heading, utf8, offset, length);
        }

        void write(Heading now, byte[] bytes, int length) {
            long nanos = System.nanoTime();
            boolean hadPartial = splitter.hasPartial();
            heading = now;
            splitter.write(bytes, 0, length);
            lastByteAt = nanos;
            partialSince = hadPartial ? partialSince : nanos;
        }

        void flushStale(Duration silence) {
            long nanos = System.nanoTime();
            boolean silent = nanos - lastByteAt > silence.toNanos();
            boolean old = nanos - partialSince > PATIENCE * silence.toNanos();
            if (splitter.hasPartial() && (silent || old)) {
                splitter.flushPartial();
                partialSince = nanos;
            }
        }
    }

    /**
     * Takes the first {@code length} bytes that a process of {@code step} printed; the array may be reused afterwards.
     * May block, and so hold the process back, while the database cannot keep up.
     */
    public void write(String step, Stream stream, byte[] bytes, int length) {
        if (!flusher.isLost()) {
            buffer.awaitRoom(length);
            take(step, stream, bytes, length);
        }
    }

    /** Adds a remark of our own. */
    public synchronized void say(String step, String text) {
        enter(step);
        inputs.values().forEach(input -> input.splitter.end());
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        take(step, Stream.SYSTEM, bytes, bytes.length);
    }

    private synchronized void take(String of, Stream stream, byte[] bytes, int length) {
        if (closed) {
            LOG.warnf("%d bytes of %s came after the end of their log (%s)", length, of, thread.getName());
            return;
        }
        enter(of);
        Input input = inputs.computeIfAbsent(stream, s -> new Input());
        input.write(new Heading(clock.instant(), stream, of), bytes, length);
    }

    /** What another step left unfinished will not be finished. */
    private void enter(String next) {
        if (!next.equals(step)) {
            inputs.values().forEach(input -> input.splitter.end());
            inputs.clear();
            step = next;
        }
    }

    private synchronized void flushStale() {
        inputs.values().forEach(input -> input.flushStale(config.partialAfter()));
    }

    /** The last lines that the step's processes printed, oldest first, for the reason of a failure. */
    public synchronized List<String> tail(String of, int lines) {
        inputs.values().forEach(input -> input.splitter.end());
        return buffer.tail(of, lines);
    }

    /** Whether the attempt has lost its build; its lines are dropped then. */
    public boolean lost() {
        return flusher.isLost();
    }

    /** Stores what is left, for as long as the configuration allows; what could not be stored is in our own log. */
    @Override
    public void close() {
        synchronized (this) {
            inputs.values().forEach(input -> input.splitter.end());
            inputs.clear();
            closed = true;
        }
        buffer.close();
        try {
            if (!thread.join(config.closeTimeout())) {
                LOG.warnf(
                        "tried to store the end of a log but %d lines did not make it (%s)",
                        flusher.unstored(), thread.getName());
                flusher.abandon();
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
