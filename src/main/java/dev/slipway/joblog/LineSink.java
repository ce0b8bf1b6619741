package dev.slipway.joblog;

/** Where finished lines go: valid UTF-8 without control characters, in an array that is reused after the call. */
@FunctionalInterface
interface LineSink {
    void line(byte[] utf8, int offset, int length);
}
