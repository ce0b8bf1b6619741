package dev.slipway;

import dev.slipway.database.StartupException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/** Where we listen: on loopback only, as long as there is no access control, unless somebody insists. */
final class ListenAddress {
    private static final String HOST = "slipway.http.host";
    private static final String ALLOW = "slipway.http.allow-unauthenticated";

    private ListenAddress() {}

    static void check(Config config) {
        check(
                config.getOptionalValue(HOST, String.class).orElse("127.0.0.1"),
                config.getOptionalValue(ALLOW, Boolean.class).orElse(false));
    }

    static void check(String host, boolean allowed) {
        if (!allowed && !isLoopback(host)) {
            throw new StartupException("tried to listen on " + host + " (" + HOST + ") but anybody who reaches it could"
                    + " build and push: keep it on 127.0.0.1 behind a proxy that asks who is there, or set " + ALLOW
                    + "=true");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return Stream.of(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            throw new StartupException("tried to listen on " + host + " (" + HOST + ") but there is no such host", e);
        }
    }
}
