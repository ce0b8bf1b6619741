package dev.slipway.facade.task;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The files of a form as its answer repeats them, listened to while they stream to the disk. It takes up to 1 MiB of the
 * answer: a file that does not fit whole is null, and one whose name does not fit either is left out.
 */
final class Echo {
    /** How much of the answer it may take, in bytes. */
    static final int MAX = 1024 * 1024;

    private static final int PUNCTUATION = 2;

    private final JsonObject files = new JsonObject();
    private int left = MAX;

    /** The same bytes, which are listened to. */
    Tap tap(InputStream content) {
        return new Tap(content, left);
    }

    /** Adds a file that has been read to its end. */
    void add(String name, Tap content) {
        String value = content.value();
        if (put(name, value) || put(name, null)) {
            return;
        }
        left = 0; // what comes behind would only be a puzzle
    }

    private boolean put(String name, String value) {
        int size = size(name) + size(value) + PUNCTUATION;
        if (size > left) {
            return false;
        }
        left -= size;
        files.put(name, value);
        return true;
    }

    private static int size(String text) {
        return Json.encode(text).getBytes(StandardCharsets.UTF_8).length;
    }

    /** The files by name. */
    JsonObject files() {
        return files;
    }

    /** A file's bytes on their way; it remembers them as long as there are few enough. */
    static final class Tap extends FilterInputStream {
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private final int max;
        private boolean isTooLong;

        private Tap(InputStream in, int max) {
            super(in);
            this.max = max;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            if (count > 0 && !isTooLong) {
                isTooLong = heard.size() + count > max;
                if (isTooLong) {
                    heard.reset();
                } else {
                    heard.write(target, offset, count);
                }
            }
            return count;
        }

        /** Text as it is, base64 of anything else, null where it is too long. */
        private String value() {
            if (isTooLong) {
                return null;
            }
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(heard.toByteArray()))
                        .toString();
                if (text.indexOf('\0') < 0) {
                    return text;
                }
            } catch (CharacterCodingException e) {
                // it is no text
            }
            return Base64.getEncoder().encodeToString(heard.toByteArray());
        }
    }
}
