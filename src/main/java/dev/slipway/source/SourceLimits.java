package dev.slipway.source;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where sources are kept and how large they may be; every limit is enforced while bytes stream. */
@ConfigMapping(prefix = "slipway.source")
public interface SourceLimits {
    /** The directory of the store; several replicas may share it. */
    @WithDefault("${slipway.data}/sources")
    Path directory();

    /** The most bytes of one source as it arrives, compressed or not. */
    @WithDefault("10G")
    MemorySize maxStored();

    /** The most bytes of one source unpacked: its tar stream plus the holes of sparse files. */
    @WithDefault("20G")
    MemorySize maxUnpacked();

    /** The most entries; as many directories that paths only imply, and as many compressed members. */
    @WithDefault("1000000")
    int maxEntries();

    /**
     * The most bytes of one name or link target. Linux takes paths of 4,095 bytes, and the place a context is unpacked to
     * stands in front of each name, hence the room left.
     */
    @WithDefault("3072")
    int maxName();

    /** The most directories on top of each other. */
    @WithDefault("256")
    int maxDepth();

    /** The most bytes of headers and metadata records that belong to one entry. */
    @WithDefault("1M")
    MemorySize maxHeader();

    /** The most memory a decompressor may ask for, and the most for remembering an archive's names. */
    @WithDefault("128M")
    MemorySize decoderMemory();

    /** The most memory that all arriving sources may take together; by default half of the heap. */
    Optional<MemorySize> memoryTotal();

    /** How long a source waits for memory that others have before it is refused. */
    @WithDefault("10S")
    Duration memoryWait();

    /** Bytes of the disk that stay free whatever arrives. */
    @WithDefault("512M")
    MemorySize minFreeDisk();

    /** Refuses settings that cannot work, naming the property. */
    static void check(SourceLimits limits) {
        atLeast("max-stored", limits.maxStored().asLongValue(), 1024);
        atLeast("max-unpacked", limits.maxUnpacked().asLongValue(), 1024);
        atLeast("max-entries", limits.maxEntries(), 1);
        atLeast("max-name", limits.maxName(), 1);
        atMost("max-name", limits.maxName(), 4095);
        atLeast("max-depth", limits.maxDepth(), 1);
        atLeast("max-header", limits.maxHeader().asLongValue(), 1024);
        atMost("max-header", limits.maxHeader().asLongValue(), 1L << 30);
        atLeast("decoder-memory", limits.decoderMemory().asLongValue(), 1L << 20);
        atMost("decoder-memory", limits.decoderMemory().asLongValue(), 1L << 31);
        limits.memoryTotal().ifPresent(total -> atLeast("memory-total", total.asLongValue(), 8L << 20));
        atLeast("min-free-disk", limits.minFreeDisk().asLongValue(), 0);
    }

    private static void atLeast(String property, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "tried to use slipway.source." + property + "=" + value + " but it has to be at least " + least);
        }
    }

    private static void atMost(String property, long value, long most) {
        if (value > most) {
            throw new IllegalArgumentException(
                    "tried to use slipway.source." + property + "=" + value + " but it can be at most " + most);
        }
    }
}
