package dev.slipway.fetch;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which URLs may be fetched: those whose host has public addresses and no others, and hosts that are allowed by name. */
@Startup
@ApplicationScoped
public class UrlPolicy {
    private static final Pattern HOST_AND_PORT = Pattern.compile("[^/?#@]+");

    private final Set<String> allowed;

    /** @throws IllegalArgumentException if an allowed host is none */
    UrlPolicy(FetchConfig config) {
        allowed = config.allowHosts().orElse(Set.of()).stream()
                .map(UrlPolicy::allowed)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** In the form that {@link #isAllowed} looks for. */
    private static String allowed(String entry) {
        try {
            if (HOST_AND_PORT.matcher(entry).matches()) {
                SourceUrl url = SourceUrl.parse("allow-hosts", "http://" + entry);
                return entry.matches(".*:[0-9]+") ? url.host() + ":" + url.port() : url.host();
            }
        } catch (SlipwayException e) {
            // said below, naming the setting
        }
        throw new IllegalArgumentException(
                "tried to use slipway.fetch.allow-hosts but \"" + entry + "\" is neither host nor host:port");
    }

    /** Reads a request's field, and judges what can be judged without asking DNS. */
    public SourceUrl judge(String field, String text) {
        SourceUrl url = SourceUrl.parse(field, text);
        if (!isAllowed(url)) {
            if (url.host().equals("localhost") || url.host().endsWith(".localhost")) {
                throw SourceUrl.forbidden(field, url.host() + " is loopback, which is not fetched from");
            }
            url.address().flatMap(AddressPolicy::objection).ifPresent(why -> {
                throw SourceUrl.forbidden(field, "its address " + url.host() + " is " + why);
            });
        }
        return url;
    }

    /** Refuses a host if one of its addresses may not be dialled: a name that means both is up to no good. */
    void check(SourceUrl url, List<InetAddress> addresses) throws TransferException {
        if (isAllowed(url)) {
            return;
        }
        Set<InetAddress> own = ownAddresses();
        for (InetAddress address : addresses) {
            AddressPolicy.objection(address, own).ifPresent(why -> {
                throw new SlipwayException(
                        ErrorCode.URL_FORBIDDEN,
                        "tried to fetch " + url + " but its address " + address.getHostAddress() + " is " + why);
            });
        }
    }

    /** Asked each time: they come and go. */
    static Set<InetAddress> ownAddresses() throws TransferException {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SocketException e) {
            throw TransferException.passing("this machine's own addresses could not be listed", e);
        }
    }

    private boolean isAllowed(SourceUrl url) {
        return allowed.contains(url.host()) || allowed.contains(url.host() + ":" + url.port());
    }
}
