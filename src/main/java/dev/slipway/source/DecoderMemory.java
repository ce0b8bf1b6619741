package dev.slipway.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A decompressor together with the memory it needs, which is given back when it is closed. */
final class DecoderMemory extends FilterInputStream {
    private final MemoryShare memory;
    private long taken;

    private DecoderMemory(InputStream decoder, MemoryShare memory, long taken) {
        super(decoder);
        this.memory = memory;
        this.taken = taken;
    }

    /** Takes the memory first, and then makes the decompressor. */
    static InputStream taken(MemoryShare memory, long bytes, Decoder decoder) throws IOException {
        memory.take(bytes);
        try {
            return new DecoderMemory(decoder.make(), memory, bytes);
        } catch (IOException | RuntimeException e) {
            memory.giveBack(bytes);
            throw e;
        }
    }

    /** Makes a decompressor. */
    interface Decoder {
        /** Allocates what it needs. */
        InputStream make() throws IOException;
    }

    @Override
    public void close() throws IOException {
        try {
            in.close();
        } finally {
            memory.giveBack(taken);
            taken = 0;
        }
    }
}
