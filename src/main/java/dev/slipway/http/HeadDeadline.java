package dev.slipway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Closes its connection where no request's head becomes complete for a while. */
final class HeadDeadline extends ChannelInboundHandlerAdapter {
    private final Duration limit;
    private ChannelHandlerContext connection;
    // of the connection's event loop alone
    private Future<?> deadline;
    private int open;

    HeadDeadline(Duration limit) {
        this.limit = limit;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        connection = added;
        begin();
    }

    /** A head has come whole: what follows has limits of its own. */
    void requestBegan() {
        onEventLoop(() -> {
            open++;
            end();
        });
    }

    /** Its answer is sent, by whatever thread. */
    void requestEnded() {
        onEventLoop(() -> {
            open--;
            if (open == 0) {
                begin();
            }
        });
    }

    private void onEventLoop(Runnable change) {
        if (connection.executor().inEventLoop()) {
            change.run();
        } else {
            connection.executor().execute(change);
        }
    }

    private void begin() {
        end();
        if (!connection.isRemoved()) {
            deadline =
                    connection.executor().schedule(() -> connection.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void end() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        end(); // the connection is closed
    }
}
