package dev.slipway.fetch;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.vertx.core.http.HttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One try at a download: along its redirects, each judged again, to the bytes. */
final class Fetching {
    private static final int MAX_REDIRECTS = 5;
    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    /** The system's resolver cannot be interrupted, so it is asked where nobody has to wait for it. */
    private static final Executor RESOLVER =
            task -> Thread.ofPlatform().daemon().name("resolver").start(task);

    private final HttpClient client;
    private final UrlPolicy policy;
    private final FetchConfig config;
    private final Patience patience;
    private final Consumer<String> say;

    Fetching(HttpClient client, UrlPolicy policy, FetchConfig config, Patience patience, Consumer<String> say) {
        this.client = client;
        this.policy = policy;
        this.config = config;
        this.patience = patience;
        this.say = say;
    }

    <T> T run(SourceUrl url, Fetcher.Store<T> store) throws IOException {
        SourceUrl at = url;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            try (HttpAnswer answer = ask(at)) {
                if (!REDIRECTS.contains(answer.status())) {
                    return receive(answer, store);
                }
                at = redirected(at, answer);
            }
            say.accept("redirected to " + at);
        }
        throw TransferException.lasting("it was redirected more than " + MAX_REDIRECTS + " times");
    }

    /** Each address of the host in turn, until one is reached. */
    private HttpAnswer ask(SourceUrl url) throws IOException {
        List<InetAddress> addresses = addresses(url);
        policy.check(url, addresses);
        Throwable why = null;
        for (InetAddress address : addresses) {
            try {
                return HttpAnswer.get(client, url, address, patience, config);
            } catch (HttpAnswer.UnreachableException e) {
                why = e.getCause();
            }
        }
        throw TransferException.passing("no connection to " + url.authority() + " could be made", why);
    }

    private List<InetAddress> addresses(SourceUrl url) throws IOException {
        Optional<InetAddress> literal = url.address();
        if (literal.isPresent()) {
            return List.of(literal.get());
        }
        CompletableFuture<InetAddress[]> found = CompletableFuture.supplyAsync(() -> resolve(url.host()), RESOLVER);
        try {
            InetAddress[] addresses =
                    patience.await(found, config.connectTimeout(), "the name " + url.host() + " was not resolved");
            if (addresses.length > 0) {
                return List.of(addresses);
            }
            throw TransferException.passing("the name " + url.host() + " is not known");
        } catch (ExecutionException e) {
            throw TransferException.passing("the name " + url.host() + " was not resolved", e.getCause());
        }
    }

    private static InetAddress[] resolve(String host) {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            return new InetAddress[0];
        }
    }

    private SourceUrl redirected(SourceUrl from, HttpAnswer answer) throws IOException {
        String location = answer.header("Location")
                .orElseThrow(() ->
                        TransferException.lasting("the server answered " + answer.status() + " without Location"));
        SourceUrl to;
        try {
            to = from.redirectedTo(location);
        } catch (SlipwayException e) {
            if (e.code() == ErrorCode.URL_FORBIDDEN) {
                throw new SlipwayException(e.code(), "tried to follow a redirect of " + from + reason(e));
            }
            throw TransferException.lasting("it was redirected to what cannot be used:" + reason(e), e);
        }
        if (from.isSecure() && !to.isSecure()) {
            throw new SlipwayException(
                    ErrorCode.URL_FORBIDDEN,
                    "tried to follow a redirect of " + from + " but it leads from https to http, to " + to);
        }
        return to;
    }

    private static String reason(SlipwayException e) {
        return e.getMessage().substring(e.getMessage().indexOf(" but "));
    }

    private <T> T receive(HttpAnswer answer, Fetcher.Store<T> store) throws IOException {
        checkStatus(answer);
        try (InputStream body = new Progress(new NoPage(answer.body()), answer.length(), say)) {
            return store.store(body, answer.length());
        }
    }

    private void checkStatus(HttpAnswer answer) throws TransferException {
        int status = answer.status();
        if (status == OK) {
            return;
        }
        String why = "the server answered " + status;
        if (status == TOO_MANY_REQUESTS || status >= 500) {
            throw TransferException.passing(
                    why, retryAfter(answer.header("Retry-After").orElse("")));
        }
        throw TransferException.lasting(why);
    }

    /** In seconds, or as a date; never longer than we would wait, because nanoseconds cannot count to every year. */
    private Duration retryAfter(String header) {
        Duration most = config.maxRetryDelay();
        Duration wish = header.matches("[0-9]{10,}") ? most : wish(header);
        if (wish.isNegative()) {
            return Duration.ZERO;
        }
        return wish.compareTo(most) > 0 ? most : wish;
    }

    private static Duration wish(String header) {
        if (header.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(header));
        }
        try {
            Instant then = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(Instant.now(), then);
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }
}
