package dev.slipway;

import dev.slipway.database.StartupException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;

/** Where we listen: on loopback only, as long as there is no access control, unless somebody insists. */
final class ListenAddress {
    private static final String HOST = "slipway.http.host";
    private static final int MAX_PORT = 65535;
    private static final String ALLOW = "slipway.http.allow-unauthenticated";

    private static final String PORT = "slipway.http.port";

    private ListenAddress() {}

    /**
     * The port as others' tools hand it over, in the variable {@code PORT}: {@code 8080} or {@code :8080}. Our own setting
     * goes before it.
     */
    static Optional<String> port(Map<String, String> environment) {
        String port = environment.getOrDefault("PORT", "").strip();
        if (port.isEmpty() || !environment.getOrDefault("SLIPWAY_HTTP_PORT", "").isBlank()) {
            return Optional.empty();
        }
        String number = port.replaceFirst("^:", "");
        if (!number.matches("[0-9]{1,5}") || Integer.parseInt(number) > MAX_PORT) {
            throw new StartupException("tried to listen on the port in PORT but \"" + port
                    + "\" is none: write it as 8080 or :8080, or unset it");
        }
        return Optional.of(number);
    }

    /** Makes a port in {@code PORT} count. */
    static void adoptPort() {
        if (System.getProperty(PORT) == null) {
            port(System.getenv()).ifPresent(number -> System.setProperty(PORT, number));
        }
    }

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
