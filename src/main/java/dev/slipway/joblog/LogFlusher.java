package dev.slipway.joblog;

import dev.slipway.joblog.LogRepository.Append;
import dev.slipway.joblog.LogRepository.Cut;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** The thread that carries an attempt's lines from its buffer to the database, one batch at a time. */
final class LogFlusher implements Runnable {
    private static final Logger LOG = Logger.getLogger(LogFlusher.class);
    private static final Duration LOOK_AROUND = Duration.ofMillis(250);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);
    /** Past the head most of a flood is deleted again: it must not keep the database busy. */
    private static final long TAIL_BYTES_PER_SECOND = 1024 * 1024;

    private final LogRepository repository;
    private final JobLogConfig config;
    private final LineBuffer buffer;
    private final UUID build;
    private final int attempt;
    private final LogLimits limits;
    private final StoredTail tail;
    private final Runnable housekeeping;
    private long known;
    private int batch;
    private volatile LineBlock inHand;
    private volatile boolean lost;
    private volatile boolean abandoned;

    /** {@code housekeeping} is called now and then, and at least four times a second when nothing comes. */
    LogFlusher(LogRepository repository, JobLogConfig config, Attempt attempt, Runnable housekeeping) {
        this.repository = repository;
        this.config = config;
        this.buffer = attempt.buffer();
        this.build = attempt.build();
        this.attempt = attempt.number();
        this.known = attempt.topN();
        this.limits = LogLimits.of(config);
        this.tail = new StoredTail(limits.tail());
        this.housekeeping = housekeeping;
    }

    /** Whose lines they are, where they come from, and the highest number the log had when the attempt began. */
    record Attempt(UUID build, int number, LineBuffer buffer, long topN) {}

    @Override
    public void run() {
        try {
            while (!lost && !abandoned && !buffer.isDrained()) {
                inHand = buffer.take(LOOK_AROUND);
                if (inHand != null) {
                    long began = System.nanoTime();
                    store(inHand);
                    long pause = gap(inHand);
                    inHand = null;
                    buffer.pause(began + pause - System.nanoTime());
                }
                housekeeping.run();
            }
        } catch (InterruptedException e) {
            LOG.debugf("the log of build %s was told to stop", build);
        }
    }

    private long gap(LineBlock block) {
        long least = config.flushInterval().toNanos();
        if (block.isTail()) {
            return Math.max(least, block.size() * TimeUnit.SECONDS.toNanos(1) / TAIL_BYTES_PER_SECOND);
        }
        return block.isFull(limits.block()) ? 0 : least;
    }

    /** A batch whose answer was lost is sent again under the same number and stored once. */
    private void store(LineBlock block) throws InterruptedException {
        Cut cut = tail.cutFor(block);
        var append = new Append(build, attempt, ++batch, known, block, cut);
        Duration wait = FIRST_RETRY;
        while (!abandoned) {
            try {
                Long lastN = repository.append(append).await().atMost(ANSWER);
                if (lastN == null) {
                    lose();
                } else {
                    known = lastN;
                    tail.stored(block, cut, lastN);
                }
                return;
            } catch (RuntimeException e) {
                if (abandoned) {
                    return;
                }
                LOG.warnf("tried to store log lines of build %s but %s; next try in %s", build, e, wait);
                Thread.sleep(wait);
                wait = wait.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? wait.multipliedBy(2) : LAST_RETRY;
            }
        }
    }

    private void lose() {
        lost = true;
        LOG.warnf("attempt %d no longer owns build %s: its log lines are dropped from here on", attempt, build);
        buffer.close();
    }

    /** Whether another attempt has taken over, or the build is not running any more. */
    boolean isLost() {
        return lost;
    }

    /** Gives up on what is not stored yet; its thread is to be interrupted then. */
    void abandon() {
        abandoned = true;
    }

    /** How many lines are not known to be stored. */
    long unstored() {
        LineBlock block = inHand;
        return buffer.waiting() + (block == null ? 0 : block.lines());
    }
}
