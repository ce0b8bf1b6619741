package dev.slipway.http;

import io.netty.channel.Channel;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The service's stop as its clients see it: no new connections, so that they go to another replica; requests under way
 * get time to end; and whoever keeps a connection is told with his next answer that there will be no other. The
 * framework's own way would answer what comes meanwhile with 503.
 */
@Singleton
class ConnectionDrain {
    /** It counts what all others do. */
    private static final int BEFORE_EVERYTHING_ELSE = 1_100;
    /** Those who hold answers back are told first. */
    private static final int LAST = 10_000;
    /** How long a connection without a request stays open: a request may be on its way. */
    private static final Duration LINGER = Duration.ofSeconds(1);
    /** The same for one that was accepted just now, of which nobody knows yet. */
    private static final Duration SETTLE = Duration.ofMillis(100);

    private static final Duration LOOK = Duration.ofMillis(10);

    private final Duration grace;
    /** The open connections that have made requests, and how many of these are under way. */
    private final Map<Channel, AtomicInteger> connections = new ConcurrentHashMap<>();

    private volatile boolean draining;

    @Inject
    ConnectionDrain(HttpConfig config) {
        this.grace = config.shutdownGrace();
    }

    void register(@Observes Filters filters) {
        filters.register(this::watch, BEFORE_EVERYTHING_ELSE);
    }

    private void watch(RoutingContext exchange) {
        HttpServerRequest request = exchange.request();
        Channel channel =
                ((ConnectionBase) request.connection()).channelHandlerContext().channel();
        AtomicInteger underWay = connections.computeIfAbsent(channel, this::open);
        underWay.incrementAndGet();
        if (draining) {
            channel.parent().close();
        }
        exchange.addHeadersEndHandler(written -> {
            if (draining) {
                request.response().headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
        });
        exchange.addEndHandler(ended -> {
            underWay.decrementAndGet();
            if (draining && request.isEnded()) {
                request.connection().close();
            }
        });
        exchange.next();
    }

    private AtomicInteger open(Channel channel) {
        channel.closeFuture().addListener(closed -> connections.remove(channel));
        return new AtomicInteger();
    }

    /** Returns when all requests have ended, or are cut off because their time is over. */
    void drain(@Observes @Priority(LAST) ShutdownDelayInitiatedEvent event) {
        draining = true;
        connections.keySet().stream().map(Channel::parent).distinct().forEach(listener -> listener.close()
                .syncUninterruptibly());
        long began = System.nanoTime();
        while (!isDone(Duration.ofNanos(System.nanoTime() - began))) {
            LockSupport.parkNanos(LOOK.toNanos());
        }
        connections.keySet().forEach(Channel::close);
    }

    private boolean isDone(Duration passed) {
        if (connections.isEmpty()) {
            return passed.compareTo(SETTLE) >= 0;
        }
        boolean idle = connections.values().stream().allMatch(underWay -> underWay.get() == 0);
        return passed.compareTo(grace) >= 0 || idle && passed.compareTo(LINGER) >= 0;
    }
}
