package dev.slipway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client's connection: how many of its requests are under way. Closed where no head becomes complete for a while. */
final class Connection extends ChannelInboundHandlerAdapter {
    private final Channel channel;
    private final Duration headLimit;
    private final AtomicInteger underWay = new AtomicInteger();
    // of the connection's event loop alone
    private Future<?> deadline;

    private Connection(Channel channel, Duration headLimit) {
        this.channel = channel;
        this.headLimit = headLimit;
    }

    /** Begins to watch a connection, which is one of the {@code open} until it is closed. */
    static Connection watch(Channel channel, Duration headLimit, Set<Connection> open) {
        Connection watched = new Connection(channel, headLimit);
        open.add(watched);
        channel.closeFuture().addListener(closed -> open.remove(watched));
        channel.pipeline().addFirst(watched);
        return watched;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        beginDeadline();
    }

    /** A head has come whole: what follows has limits of its own. */
    void requestBegan() {
        underWay.incrementAndGet();
        onEventLoop(this::endDeadline);
    }

    /** Its answer is sent, by whatever thread. */
    void requestEnded() {
        if (underWay.decrementAndGet() == 0) {
            onEventLoop(this::beginDeadline);
        }
    }

    /** Whether no request is under way. */
    boolean isIdle() {
        return underWay.get() == 0;
    }

    void close() {
        channel.close();
    }

    private void onEventLoop(Runnable change) {
        if (channel.eventLoop().inEventLoop()) {
            change.run();
        } else {
            channel.eventLoop().execute(change);
        }
    }

    private void beginDeadline() {
        endDeadline();
        if (isIdle() && channel.isOpen()) {
            deadline = channel.eventLoop().schedule(this::close, headLimit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void endDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        endDeadline(); // the connection is closed
    }
}
