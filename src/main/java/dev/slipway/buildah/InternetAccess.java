package dev.slipway.buildah;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How a sandbox with {@link Network#INTERNET} is connected: pasta carries what it sends out of the host in the service's
 * name, and rules inside the sandbox say to whom.
 *
 * @param resolvConf the sandbox's
 * @param options of pasta's, for this host
 */
record InternetAccess(RoutingRules rules, String resolvConf, List<String> options) {
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
    /** pasta passes on what is sent to port 53 here to the host's resolver, wherever that is. */
    private static final String RESOLVER_V4 = "169.254.1.1";

    private static final String RESOLVER_V6 = "fd53:6c69:7077:6179::1";

    /** For the host as it is now: addresses come and go. */
    static InternetAccess of(Set<Cidr> allowed) throws IOException {
        String hosts = Files.exists(RESOLV_CONF) ? Files.readString(RESOLV_CONF) : "";
        return of(hosts, ownAddresses(), allowed);
    }

    static InternetAccess of(String hostsResolvConf, Collection<InetAddress> own, Set<Cidr> allowed) {
        List<String> lines = new ArrayList<>();
        Set<String> resolvers = new TreeSet<>();
        for (String line : hostsResolvConf.lines().toList()) {
            String[] words = line.strip().split("\\s+");
            if (!words[0].equals("nameserver")) {
                lines.add(line);
            } else if (words.length > 1) {
                String resolver = words[1].contains(":") ? RESOLVER_V6 : RESOLVER_V4;
                if (resolvers.add(resolver)) {
                    lines.add("nameserver " + resolver);
                }
            }
        }
        List<String> options = resolvers.stream()
                .flatMap(resolver -> List.of("--dns-forward", resolver).stream())
                .toList();
        RoutingRules rules = new RoutingRules(resolvers, own, allowed);
        return new InternetAccess(rules, String.join("\n", lines) + "\n", options);
    }

    /** Writes the files that the sandbox's supervisor and first process look for; returns pasta's options. */
    List<String> write(Path work) throws IOException {
        Files.writeString(work.resolve("rules-4"), rules.v4());
        Files.writeString(work.resolve("rules-6"), rules.v6());
        Files.writeString(work.resolve("resolv.conf"), resolvConf);
        return options;
    }

    private static InetAddress withoutInterface(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // it has the length of an address
        }
    }

    private static List<InetAddress> ownAddresses() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .map(InternetAccess::withoutInterface)
                .toList();
    }
}
