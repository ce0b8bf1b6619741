package dev.slipway.http;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** The settings of the HTTP edge. */
@ConfigMapping(prefix = "slipway.http")
public interface HttpConfig {
    /** The address to listen on. */
    String host();

    /** The port to listen on. */
    int port();

    /** Whether to listen beyond loopback although nobody is asked who they are; judged before this mapping exists. */
    @WithDefault("false")
    boolean allowUnauthenticated();

    /** How many connections are open at a time; one more is closed at once. */
    @WithDefault("10000")
    int maxConnections();

    /**
     * How long a connection may be open, or stay open behind an answer, until a request's head has come whole. Longer than
     * the minute for which proxies usually keep theirs: who closes last loses no request.
     */
    @WithDefault("75S")
    Duration headTimeout();

    /** The largest body of a request. */
    @WithDefault("10G")
    MemorySize maxBody();

    /** How long a client may send nothing while its body is waited for. */
    @WithDefault("30S")
    Duration bodyIdleTimeout();

    /** How long a body may take as a whole. */
    @WithDefault("1H")
    Duration bodyTimeout();

    /** How much of one body may wait in memory for its reader. */
    @WithDefault("1M")
    MemorySize bodyBuffer();

    /**
     * How much of all bodies together may wait in memory; beyond it each keeps only a chunk or two. By default an eighth
     * of the heap, and at most 64 MiB.
     */
    Optional<MemorySize> bodyBuffersTotal();

    /** How much of a body is read and thrown away after an early answer, so that the client sees the answer. */
    @WithDefault("256M")
    MemorySize drainLimit();

    /** How long a body is read and thrown away after an early answer. */
    @WithDefault("10S")
    Duration drainTimeout();

    /** How long a stop waits for requests under way, an upload among them, before it cuts their connections. */
    @WithDefault("PT5S")
    Duration shutdownGrace();
}
