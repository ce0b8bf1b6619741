package dev.slipway.http;

import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.Flow;

/** Carries one streamed answer to its client; asks for the next piece when the client's socket has taken the last one. */
final class StreamPump implements Flow.Subscriber<Buffer> {
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final StreamedAnswer answer;
    private final UniEmitter<? super Void> done;
    private volatile Flow.Subscription source;
    private volatile boolean cancelled;

    StreamPump(HttpServerRequest request, StreamedAnswer answer, UniEmitter<? super Void> done) {
        this.request = request;
        this.response = request.response();
        this.answer = answer;
        this.done = done;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        source = subscription;
        if (cancelled) {
            subscription.cancel();
        } else if (answer.live()) {
            write(Buffer.buffer());
        } else {
            subscription.request(1);
        }
    }

    @Override
    public void onNext(Buffer chunk) {
        write(chunk);
    }

    private synchronized void write(Buffer chunk) {
        if (response.closed() || response.ended()) {
            cancel();
            return;
        }
        head();
        response.write(chunk).onComplete(taken -> {
            if (taken.succeeded()) {
                source.request(1);
            } else {
                cut();
            }
        });
    }

    private void head() {
        if (response.headWritten()) {
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, answer.mediaType())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                .setChunked(true);
        if (answer.live()) {
            response.putHeader("X-Accel-Buffering", "no"); // else nginx keeps the lines until it has many
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (response.headWritten()) {
            Failures.of(failure, request.method() + " " + request.path());
            cut();
        } else {
            done.fail(failure);
        }
    }

    @Override
    public synchronized void onComplete() {
        if (response.closed() || response.ended()) {
            cancel();
            return;
        }
        head();
        response.end().onComplete(ended -> {
            if (request.version() == HttpVersion.HTTP_1_0) {
                request.connection().close(); // it has no chunks: only this tells the end
            }
            done.complete(null);
        });
    }

    /** Ends the answer in good order although its source might go on. */
    void finish() {
        cancel();
        onComplete();
    }

    /** Stops the source. */
    void cancel() {
        cancelled = true;
        if (source != null) {
            source.cancel();
        }
    }

    /** Ends the answer so that nobody takes it for complete, also where the client takes nothing any more. */
    void cut() {
        cancel();
        // The connection's own close would wait until the client has taken what is written.
        ((ConnectionBase) request.connection()).channelHandlerContext().close();
    }
}
