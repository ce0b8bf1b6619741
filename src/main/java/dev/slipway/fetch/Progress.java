package dev.slipway.fetch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A body whose progress is told: every tenth of it, and every few seconds. */
final class Progress extends FilterInputStream {
    private static final long EVERY_NANOS = 5_000_000_000L;
    /** Of which nobody wants to hear tenths. */
    private static final long SMALL = 10 << 20;

    private final OptionalLong length;
    private final Consumer<String> say;
    private long received;
    private long toldTenths;
    private long toldAt = System.nanoTime();

    Progress(InputStream body, OptionalLong length, Consumer<String> say) {
        super(body);
        this.length = length;
        this.say = say;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        int read = in.read(target, offset, count);
        if (read > 0) {
            received += read;
            tell();
        }
        return read;
    }

    private void tell() {
        long now = System.nanoTime();
        long tenths = length.isPresent() ? received * 10 / Math.max(1, length.getAsLong()) : 0;
        boolean tenth = tenths > toldTenths && tenths < 10 && length.getAsLong() > SMALL;
        if (tenth || now - toldAt > EVERY_NANOS) {
            toldTenths = tenths;
            toldAt = now;
            say.accept(
                    length.isPresent()
                            ? received + " of " + length.getAsLong() + " bytes (" + received * 100 / length.getAsLong()
                                    + " %)"
                            : received + " bytes");
        }
    }
}
