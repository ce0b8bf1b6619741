package dev.slipway.worker;

import dev.slipway.process.OutputSink;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads from the output of BUILD which images it found in its cache, and passes it on. A RUN step may print the like: who
 * takes its word for it has to look whether the slot has such an image, and then one looks younger than it is.
 */
final class CacheHits implements OutputSink {
    private static final byte[] SAID = "--> Using cache ".getBytes(StandardCharsets.US_ASCII);
    private static final int ID = 64;
    private static final int MOST = 2000;

    private final OutputSink next;
    private final Line out = new Line();
    private final Line err = new Line();
    private final Set<String> images = ConcurrentHashMap.newKeySet();

    CacheHits(OutputSink next) {
        this.next = next;
    }

    /** The ids that it named. */
    Set<String> images() {
        return images;
    }

    @Override
    public void write(Stream stream, byte[] bytes, int length) {
        (stream == Stream.STDOUT ? out : err).read(bytes, length);
        next.write(stream, bytes, length);
    }

    /** The beginning of the line that one stream is at. */
    private final class Line {
        private final byte[] start = new byte[SAID.length + ID];
        private int filled;

        void read(byte[] bytes, int length) {
            for (int i = 0; i < length; i++) {
                if (bytes[i] == '\n') {
                    end();
                    filled = 0;
                } else if (filled < start.length) {
                    boolean fits = filled >= SAID.length || bytes[i] == SAID[filled];
                    if (fits) {
                        start[filled++] = bytes[i];
                    } else {
                        filled = start.length + 1; // this line is another
                    }
                }
            }
        }

        private void end() {
            if (filled == start.length && images.size() < MOST) {
                String id = new String(start, SAID.length, ID, StandardCharsets.US_ASCII);
                if (id.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
                    images.add(id);
                }
            }
        }
    }
}
