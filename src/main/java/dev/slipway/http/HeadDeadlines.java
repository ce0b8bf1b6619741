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
import org.jboss.logging.Logger;

/**
 * Gives every connection a {@link HeadDeadline}, whether it has sent something or not. The framework shows connections
 * only once they have a request; so the first request, which is our own, leads to the channel that accepts all others.
 */
@Singleton
class HeadDeadlines {
    private static final Logger LOG = Logger.getLogger(HeadDeadlines.class);
    private static final int BEFORE_EVERYTHING_ELSE = 1_100;
    private static final int PATIENCE_MILLIS = 5_000;

    private final Duration limit;

    @Inject
    HeadDeadlines(HttpConfig config) {
        this.limit = config.headTimeout();
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
        Channel channel = ((ConnectionBase) exchange.request().connection())
                .channelHandlerContext()
                .channel();
        HeadDeadline deadline = deadline(channel);
        deadline.requestBegan();
        exchange.addEndHandler(ended -> deadline.requestEnded());
        exchange.next();
    }

    private HeadDeadline deadline(Channel channel) {
        HeadDeadline known = channel.pipeline().get(HeadDeadline.class);
        if (known != null) {
            return known;
        }
        HeadDeadline added = new HeadDeadline(limit);
        channel.pipeline().addFirst(added);
        watchAccepted(channel.parent());
        return added;
    }

    private void watchAccepted(Channel server) {
        server.eventLoop().execute(() -> {
            if (server.pipeline().get(Accepted.class) == null) {
                server.pipeline().addFirst(new Accepted(limit));
            }
        });
    }

    /** Sees each connection before the framework does. */
    @ChannelHandler.Sharable
    private static final class Accepted extends ChannelInboundHandlerAdapter {
        private final Duration limit;

        Accepted(Duration limit) {
            this.limit = limit;
        }

        @Override
        public void channelRead(ChannelHandlerContext server, Object accepted) {
            if (accepted instanceof Channel connection) {
                connection.pipeline().addFirst(new HeadDeadline(limit));
            }
            server.fireChannelRead(accepted);
        }
    }
}
