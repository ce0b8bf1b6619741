package dev.slipway.source;

import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The limits of a test, generous unless one says otherwise. */
record Limits(
        Path directory,
        MemorySize maxStored,
        MemorySize maxUnpacked,
        int maxEntries,
        int maxName,
        int maxDepth,
        MemorySize maxHeader,
        MemorySize decoderMemory,
        MemorySize minFreeDisk)
        implements SourceLimits {
    @Override
    public Optional<MemorySize> memoryTotal() {
        return Optional.empty();
    }

    @Override
    public Duration memoryWait() {
        return Duration.ofSeconds(10);
    }

    static Limits in(Path directory) {
        return new Limits(
                directory,
                bytes(1L << 30),
                bytes(1L << 30),
                10_000,
                3072,
                256,
                bytes(1 << 20),
                bytes(128 << 20),
                bytes(0));
    }

    static Limits generous() {
        return in(Path.of("unused"));
    }

    static MemorySize bytes(long bytes) {
        return new MemorySize(BigInteger.valueOf(bytes));
    }

    Limits stored(long bytes) {
        return new Limits(
                directory,
                bytes(bytes),
                maxUnpacked,
                maxEntries,
                maxName,
                maxDepth,
                maxHeader,
                decoderMemory,
                minFreeDisk);
    }

    Limits unpacked(long bytes) {
        return new Limits(
                directory,
                maxStored,
                bytes(bytes),
                maxEntries,
                maxName,
                maxDepth,
                maxHeader,
                decoderMemory,
                minFreeDisk);
    }

    Limits entries(int entries) {
        return new Limits(
                directory, maxStored, maxUnpacked, entries, maxName, maxDepth, maxHeader, decoderMemory, minFreeDisk);
    }

    Limits depth(int depth) {
        return new Limits(
                directory, maxStored, maxUnpacked, maxEntries, maxName, depth, maxHeader, decoderMemory, minFreeDisk);
    }

    Limits memory(long bytes) {
        return new Limits(
                directory, maxStored, maxUnpacked, maxEntries, maxName, maxDepth, maxHeader, bytes(bytes), minFreeDisk);
    }

    Limits free(long bytes) {
        return new Limits(
                directory,
                maxStored,
                maxUnpacked,
                maxEntries,
                maxName,
                maxDepth,
                maxHeader,
                decoderMemory,
                bytes(bytes));
    }
}
