package dev.slipway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.quarkus.vertx.http.HttpServerStart;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Knows every open {@link Connection}, whether it has sent something or not. The framework shows connections only once
 * they have a request; so the first request, which is our own, leads to the channel that accepts all others.
 */
@Singleton
class Connections {
    private static final Logger LOG = Logger.getLogger(Connections.class);
    /** It counts what all others do. */
    private static final int BEFORE_EVERYTHING_ELSE = 1_100;

    private static final int PATIENCE_MILLIS = 5_000;

    private final Duration headLimit;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    /** The channels that accept connections. */
    private final Set<Channel> listeners = ConcurrentHashMap.newKeySet();

    @Inject
    Connections(HttpConfig config) {
        this.headLimit = config.headTimeout();
    }

    /** Those that are open, also while they come and go. */
    Set<Connection> open() {
        return open;
    }

    /** Closes the ports: whoever was accepted is {@link #open} when this returns. */
    void acceptNoMore() {
        listeners.forEach(listener -> listener.close().syncUninterruptibly());
    }

    void register(@Observes Filters filters) {
        filters.register(this::watch, BEFORE_EVERYTHING_ELSE);
    }

    void listening(@ObservesAsync HttpServerStart started) {
        HttpServerOptions options = started.options();
        if (options.getPort() <= 0) {
            return; // a test's; somebody's first request will do
        }
        try (Socket first = new Socket()) {
            first.connect(new InetSocketAddress(options.getHost(), options.getPort()), PATIENCE_MILLIS);
            first.setSoTimeout(PATIENCE_MILLIS);
            first.getOutputStream().write("HEAD / HTTP/1.0\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            long ignored = first.getInputStream().skip(1);
        } catch (IOException e) {
            LOG.debugf("the first request is somebody else's: %s", e.getMessage());
        }
    }

    private void watch(RoutingContext exchange) {
        Connection connection = of(((ConnectionBase) exchange.request().connection())
                .channelHandlerContext()
                .channel());
        connection.requestBegan();
        exchange.addEndHandler(ended -> connection.requestEnded());
        exchange.next();
    }

    private Connection of(Channel channel) {
        Connection known = channel.pipeline().get(Connection.class);
        if (known != null) {
            return known;
        }
        watchAccepted(channel.parent());
        return Connection.watch(channel, headLimit, open);
    }

    private void watchAccepted(Channel server) {
        listeners.add(server);
        server.eventLoop().execute(() -> {
            if (server.pipeline().get(Accepted.class) == null) {
                server.pipeline().addFirst(new Accepted());
            }
        });
    }

    /** Sees each connection before the framework does. */
    @ChannelHandler.Sharable
    private final class Accepted extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext server, Object accepted) {
            if (accepted instanceof Channel channel) {
                Connection.watch(channel, headLimit, open);
            }
            server.fireChannelRead(accepted);
        }
    }
}
