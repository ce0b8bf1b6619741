package dev.slipway.buildah;

import java.net.InetAddress;
import java.util.Collection;
import java.util.List;

/**
 * Whom a sandbox with {@link Network#INTERNET} may send to, as rules of policy routing: they are asked before any route,
 * so no route that is copied from the host can be closer. Only who administers the sandbox's network could change them,
 * and a RUN step does not. The first that fits decides.
 */
final class RoutingRules {
    private static final List<Cidr> NOT_PUBLIC_V4 = cidrs(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32", // a cloud's metadata
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4");

    private static final String NAT64 = "64:ff9b::/96";
    /** All but 2000::/3, and of that what stands for tunnels. */
    private static final List<Cidr> NOT_PUBLIC_V6 = cidrs("::/3", "4000::/2", "8000::/1", "2001::/23");

    private static final int SUBNET_BITS = 64;

    private final StringBuilder v4 = new StringBuilder();
    private final StringBuilder v6 = new StringBuilder();
    private int preference = 100;

    /**
     * Makes them.
     *
     * @param resolvers where pasta answers questions about names, and nothing else
     * @param own the host's addresses, which may be public and are never to be reached
     * @param allowed what is reached although it is not public
     */
    RoutingRules(Collection<String> resolvers, Collection<InetAddress> own, Collection<Cidr> allowed) {
        for (String resolver : resolvers) {
            add(resolver, "ipproto udp dport 53 lookup main");
            add(resolver, "ipproto tcp dport 53 lookup main");
        }
        own.forEach(address -> prohibit(new Cidr(address, address.getAddress().length * Byte.SIZE)));
        allowed.forEach(network -> add(network.toString(), "lookup main"));
        NOT_PUBLIC_V4.forEach(this::prohibit);
        add(NAT64, "lookup main");
        // the next address that the host gives itself is of the same subnet
        own.stream()
                .filter(address -> address.getAddress().length > 4)
                .forEach(address -> prohibit(new Cidr(address, SUBNET_BITS)));
        NOT_PUBLIC_V6.forEach(this::prohibit);
    }

    /** The lines for {@code ip -4 -batch}. */
    String v4() {
        return v4.toString();
    }

    /** The lines for {@code ip -6 -batch}. */
    String v6() {
        return v6.toString();
    }

    private void prohibit(Cidr network) {
        add(network.toString(), "prohibit");
        if (network.isV4()) {
            add(network.inNat64(), "prohibit");
            add(network.in6to4(), "prohibit");
        }
    }

    private void add(String to, String action) {
        (to.contains(":") ? v6 : v4).append("rule add preference %d to %s %s\n".formatted(preference++, to, action));
    }

    private static List<Cidr> cidrs(String... texts) {
        return List.of(texts).stream().map(Cidr::parse).toList();
    }
}
