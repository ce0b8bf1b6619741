package dev.slipway.source;

import java.util.Arrays;
import org.tukaani.xz.ArrayCache;

/**
 * Lends the xz decoder the same dictionary for block after block. A block of forty bytes may ask for as much as is allowed,
 * and an archive may be made of millions of them.
 */
final class DictionaryCache extends ArrayCache {
    private static final int SMALL = 64 * 1024; // the decoder's other buffer

    private byte[] kept;

    /** An array of at least that size. */
    @Override
    public byte[] getByteArray(int size, boolean fillWithZeros) {
        byte[] array = size > SMALL ? kept : null;
        if (array != null) {
            kept = null; // never two of them at a time
        }
        if (array == null || array.length < size) {
            return new byte[size];
        }
        if (fillWithZeros) {
            Arrays.fill(array, (byte) 0);
        }
        return array;
    }

    @Override
    public void putArray(byte[] array) {
        if (array.length > SMALL) {
            kept = array;
        }
    }
}
