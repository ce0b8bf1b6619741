package dev.slipway.fetch;

import dev.slipway.secret.Secret;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLException;
import org.jboss.logging.Logger;

/** What a server answers to one GET, over a connection of its own to exactly one address; closing it closes that too. */
final class HttpAnswer implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(HttpAnswer.class);

    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final ResponseBody body;

    private HttpAnswer(HttpClientRequest request, HttpClientResponse response, ResponseBody body) {
        this.request = request;
        this.response = response;
        this.body = body;
    }

    /** Nobody answers at an address; another one of the same host might. */
    static final class UnreachableException extends Exception {
        @Serial
        private static final long serialVersionUID = 1L;

        UnreachableException(Throwable cause) {
            super(cause);
        }
    }

    /** Asks; the name in the URL is what the server and its certificate are asked about, the address what is dialled. */
    static HttpAnswer get(HttpClient client, SourceUrl url, InetAddress address, Patience patience, FetchConfig config)
            throws IOException, UnreachableException {
        HttpClientRequest request = connect(client, options(url, address), patience, config);
        CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
        // before it is sent: the body must not arrive before there is somebody to take it
        request.response()
                .map(response ->
                        new HttpAnswer(request, response, new ResponseBody(response, patience, config.idleTimeout())))
                .onSuccess(answer::complete)
                .onFailure(answer::completeExceptionally);
        request.end();
        try {
            return patience.await(answer, config.responseTimeout(), "the server did not answer");
        } catch (ExecutionException e) {
            request.reset();
            throw explain(e.getCause(), "the connection broke before the server answered");
        } catch (IOException e) {
            request.reset();
            throw e;
        }
    }

    private static HttpClientRequest connect(
            HttpClient client, RequestOptions options, Patience patience, FetchConfig config)
            throws IOException, UnreachableException {
        CompletableFuture<HttpClientRequest> connected = client.request(options)
                .map(HttpAnswer::quiet)
                .toCompletionStage()
                .toCompletableFuture();
        try {
            // twice, because the client gives up by itself: once for the connection, once for its encryption
            return patience.await(connected, config.connectTimeout().multipliedBy(2), "no connection was made");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SSLException) {
                throw explain(e.getCause(), "");
            }
            throw new UnreachableException(e.getCause());
        } catch (IOException e) {
            connected.thenAccept(HttpClientRequest::reset);
            throw e;
        }
    }

    /** What goes wrong with it is told by its answer; unheard, it would be an error in our log. */
    private static HttpClientRequest quiet(HttpClientRequest request) {
        return request.exceptionHandler(e -> LOG.debugf("a request ended: %s", e.getMessage()));
    }

    private static TransferException explain(Throwable cause, String broken) {
        return switch (cause) {
            case SSLException e ->
                TransferException.lasting("its certificate or encryption is not accepted: " + root(e).getMessage(), e);
            case TooLongHttpHeaderException e ->
                TransferException.lasting("its headers are longer than " + Fetcher.MAX_HEADERS + " bytes", e);
            case IOException e -> TransferException.passing(broken, e);
            case VertxException e -> TransferException.passing(broken, e);
            default -> TransferException.lasting("the server does not speak HTTP", cause);
        };
    }

    private static Throwable root(Throwable failure) {
        return failure.getCause() == null ? failure : root(failure.getCause());
    }

    private static RequestOptions options(SourceUrl url, InetAddress address) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, url.port())))
                .setHost(url.host().replaceAll("[\\[\\]]", ""))
                .setPort(url.port())
                .setSsl(url.isSecure())
                .setURI(url.target().reveal())
                .setFollowRedirects(false)
                .putHeader("Host", url.authority())
                .putHeader("User-Agent", "slipway")
                .putHeader("Accept", "*/*")
                .putHeader("Accept-Encoding", "identity");
        url.userInfo().ifPresent(user -> options.putHeader("Authorization", "Basic " + basic(user)));
        return options;
    }

    private static String basic(Secret userInfo) {
        // a plus is itself here, and not a blank as in forms
        String pair = URLDecoder.decode(userInfo.reveal().replace("+", "%2B"), StandardCharsets.UTF_8);
        return Base64.getEncoder()
                .encodeToString((pair.contains(":") ? pair : pair + ":").getBytes(StandardCharsets.UTF_8));
    }

    int status() {
        return response.statusCode();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(response.getHeader(name));
    }

    /** How many bytes the server says it sends. */
    OptionalLong length() {
        try {
            return OptionalLong.of(Long.parseLong(header("Content-Length").orElse("")));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    InputStream body() {
        return body;
    }

    @Override
    public void close() {
        request.reset();
    }
}
