package dev.slipway.http;

import java.util.Arrays;

/** The search for one byte pattern in a buffer, skipping as far as the pattern allows (Horspool). */
final class BoundarySearch {
    private final byte[] pattern;
    private final int[] skips = new int[256];

    BoundarySearch(byte[] pattern) {
        this.pattern = pattern.clone();
        Arrays.fill(skips, pattern.length);
        for (int i = 0; i < pattern.length - 1; i++) {
            skips[pattern[i] & 0xff] = pattern.length - 1 - i;
        }
    }

    int length() {
        return pattern.length;
    }

    /** Where the pattern stands first in {@code from..to}, or -1. */
    int find(byte[] buffer, int from, int to) {
        int last = pattern.length - 1;
        byte lastByte = pattern[last];
        byte firstByte = pattern[0];
        int at = from;
        while (at + last < to) {
            byte end = buffer[at + last];
            // The first byte (CR) is looked at before the rest: a pattern of dashes in a sea of dashes stays cheap.
            if (end == lastByte && buffer[at] == firstByte && Arrays.equals(buffer, at, at + last, pattern, 0, last)) {
                return at;
            }
            at += skips[end & 0xff];
        }
        return -1;
    }
}
