package dev.slipway.source;

import java.util.Arrays;
import org.tukaani.xz.ArrayCache;

/**
 * Gives xz's decoder its arrays, and takes the memory for them: only here is known how much it needs. The dictionary is
 * lent again for block after block, because a block of forty bytes may ask for as much as is allowed, and an archive may be
 * made of millions of them.
 */
final class DictionaryCache extends ArrayCache implements AutoCloseable {
    private static final int SMALL = 64 * 1024; // the decoder's other buffer
    private static final byte[] NONE = {};

    private final MemoryShare memory;
    private byte[] kept = NONE;

    DictionaryCache(MemoryShare memory) {
        this.memory = memory;
    }

    /** An array of at least that size. */
    @Override
    public byte[] getByteArray(int size, boolean fillWithZeros) {
        if (size <= SMALL) {
            memory.take(size);
            return new byte[size];
        }
        byte[] array = kept;
        kept = NONE; // never two of them at a time
        if (array.length < size) {
            memory.giveBack(array.length);
            memory.take(size);
            return new byte[size];
        }
        if (fillWithZeros) {
            Arrays.fill(array, (byte) 0);
        }
        return array;
    }

    @Override
    public void putArray(byte[] array) {
        if (array.length <= SMALL) {
            memory.giveBack(array.length);
        } else {
            memory.giveBack(kept.length);
            kept = array;
        }
    }

    /** Forgets the dictionary; nobody may use the cache afterwards. */
    @Override
    public void close() {
        memory.giveBack(kept.length);
        kept = NONE;
    }
}
