package dev.slipway.fetch;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.tracing.TracingPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Downloads sources, for worker threads: its method blocks. What may pass is tried again a few times. */
@ApplicationScoped
public class Fetcher {
    private static final Logger LOG = Logger.getLogger(Fetcher.class);
    /** More than builds ever run at a time, so that none waits for another's connection. */
    private static final int CONNECTIONS = 1000;
    /** What an answer's headers may take, all together: policies and cookies are longer than Vert.x expects. */
    static final int MAX_HEADERS = 32 * 1024;

    private final UrlPolicy policy;
    private final FetchConfig config;
    private final HttpClient client;

    @Inject
    Fetcher(UrlPolicy policy, FetchConfig config, Vertx vertx) {
        this(policy, config, client(vertx, options(config)));
    }

    Fetcher(UrlPolicy policy, FetchConfig config, HttpClient client) {
        this.policy = policy;
        this.config = config;
        this.client = client;
    }

    static HttpClient client(Vertx vertx, HttpClientOptions options) {
        return vertx.httpClientBuilder()
                .with(options)
                // what goes wrong is the fetch's to tell; unheard, it would be an error in our log
                .withConnectHandler(connection ->
                        connection.exceptionHandler(e -> LOG.debugf("a connection ended: %s", e.getMessage())))
                .build();
    }

    static HttpClientOptions options(FetchConfig config) {
        return new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_1_1)
                .setKeepAlive(false)
                .setMaxPoolSize(CONNECTIONS)
                .setMaxHeaderSize(MAX_HEADERS)
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setSslHandshakeTimeout(config.connectTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setVerifyHost(true)
                // a trace would hold the query
                .setTracingPolicy(TracingPolicy.IGNORE);
    }

    /** Takes the bytes of a source; it is called once for each try, and leaves nothing of one that fails. */
    public interface Store<T> {
        /**
         * Reads the body to its end.
         *
         * @param length what the server says, where it does
         */
        T store(InputStream body, OptionalLong length) throws IOException;
    }

    /**
     * Fetches a source.
     *
     * @param say told what happens, for the build's log
     * @param stop completed to end it; it then fails with an {@link UncheckedIOException} at once
     * @return what {@code store} made of it
     * @throws SlipwayException with {@code url-forbidden}, {@code fetch-failed}, or as {@code store} judges
     */
    public <T> T fetch(SourceUrl url, Store<T> store, Consumer<String> say, CompletableFuture<Void> stop) {
        Patience patience = new Patience(config.timeout(), stop);
        Fetching fetching = new Fetching(client, policy, config, patience, say);
        try {
            for (int tried = 1; ; tried++) {
                try {
                    say.accept("fetching " + url);
                    return fetching.run(url, store);
                } catch (TransferException e) {
                    if (!e.isPassing() || tried >= config.tries()) {
                        throw failed(url, e, tried);
                    }
                    Duration delay = delay(tried, e.wish());
                    say.accept(e.getMessage() + "; next try in " + delay.toMillis() + " ms");
                    patience.pause(delay);
                }
            }
        } catch (TransferException e) {
            throw failed(url, e, 1);
        } catch (InterruptedIOException e) {
            throw new UncheckedIOException(e);
        } catch (IOException e) {
            LOG.warn("what was fetched could not be stored", e);
            throw new SlipwayException(
                    ErrorCode.FETCH_FAILED,
                    "tried to store what was fetched from " + url + " but its file could not be written",
                    e);
        }
    }

    private static SlipwayException failed(SourceUrl url, TransferException why, int tries) {
        return new SlipwayException(
                ErrorCode.FETCH_FAILED,
                "tried to fetch " + url + " but " + why.getMessage()
                        + (tries > 1 ? ", and so it was " + tries + " times" : ""),
                why);
    }

    /** Longer from try to try, and never the same for two: they would come together again. */
    private Duration delay(int tried, Duration wish) {
        long grown = config.retryDelay().toNanos() << Math.min(tried - 1, 20);
        long varied = (long) (grown * ThreadLocalRandom.current().nextDouble(0.5, 1.5));
        return Duration.ofNanos(Math.min(
                Math.max(varied, wish.toNanos()), config.maxRetryDelay().toNanos()));
    }
}
