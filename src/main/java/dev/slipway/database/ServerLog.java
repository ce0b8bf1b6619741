package dev.slipway.database;

import dev.slipway.process.OutputSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jboss.logging.Logger;

/** What the server prints: into our log, and the last lines of it at hand for a message. */
final class ServerLog implements OutputSink {
    private static final Logger LOG = Logger.getLogger(ServerLog.class);
    private static final int KEPT_LINES = 12;
    private static final int LONGEST_LINE = 4096;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Deque<String> last = new ArrayDeque<>();
    private boolean quiet;

    @Override
    public synchronized void write(Stream stream, byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                take(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else if (line.size() < LONGEST_LINE) {
                line.write(bytes[i]);
            }
        }
    }

    /** From now on the server ends because we want it to: what it says about that is no news. */
    synchronized void quieten() {
        quiet = true;
    }

    /** The last lines, for a message. */
    synchronized String tail() {
        return String.join("\n", last);
    }

    private void take(String text) {
        if (last.size() == KEPT_LINES) {
            last.removeFirst();
        }
        last.addLast(text);
        // failed statements are told to whoever sent them
        boolean news = text.startsWith("FATAL") || text.startsWith("PANIC") || text.startsWith("WARNING");
        LOG.log(news && !quiet ? Logger.Level.WARN : Logger.Level.DEBUG, text);
    }
}
