package dev.slipway.fetch;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Which addresses may be dialled for somebody else: public ones. A pure function of an address. */
final class AddressPolicy {
    private static final List<Range> V4 = List.of(
            range("0.0.0.0/8", "unspecified"),
            range("10.0.0.0/8", "private"),
            range("100.64.0.0/10", "a carrier's or a cloud's own"),
            range("127.0.0.0/8", "loopback"),
            range("168.63.129.16/32", "a cloud's metadata service"),
            range("169.254.0.0/16", "link-local, as metadata services are"),
            range("172.16.0.0/12", "private"),
            range("192.0.0.0/24", "reserved"),
            range("192.0.2.0/24", "for documentation"),
            range("192.88.99.0/24", "a 6to4 relay"),
            range("192.168.0.0/16", "private"),
            range("198.18.0.0/15", "for benchmarks"),
            range("198.51.100.0/24", "for documentation"),
            range("203.0.113.0/24", "for documentation"),
            range("224.0.0.0/4", "multicast"),
            range("255.255.255.255/32", "broadcast"),
            range("240.0.0.0/4", "reserved"));

    private static final List<Range> V6 = List.of(
            range("::/128", "unspecified"),
            range("::1/128", "loopback"),
            range("::/96", "an IPv4-compatible one"),
            range("64:ff9b:1::/48", "behind a local NAT64"),
            range("2001::/23", "Teredo or reserved"),
            range("2001:db8::/32", "for documentation"),
            range("3fff::/20", "for documentation"),
            range("fc00::/7", "private"),
            range("fe80::/10", "link-local"),
            range("fec0::/10", "site-local"),
            range("ff00::/8", "multicast"));

    private static final Range GLOBAL = range("2000::/3", "public");

    /** Where an IPv4 address stands in an IPv6 one: it is the one that is reached. */
    private static final List<Embedded> EMBEDDED = List.of(
            new Embedded(prefix(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1}), 12),
            new Embedded(range("64:ff9b::/96", "NAT64"), 12),
            new Embedded(range("2002::/16", "6to4"), 2));

    private AddressPolicy() {}

    private record Range(byte[] prefix, int bits, String what) {
        boolean holds(byte[] address) {
            int whole = bits / 8;
            int rest = bits % 8;
            return Arrays.equals(prefix, 0, whole, address, 0, whole)
                    && (rest == 0 || (prefix[whole] & 0xff) >> 8 - rest == (address[whole] & 0xff) >> 8 - rest);
        }
    }

    private record Embedded(Range range, int at) {}

    /** Why an address may not be dialled, for "it is …"; empty if it may. */
    static Optional<String> objection(InetAddress address) {
        return objection(address.getAddress());
    }

    /** The same, on a machine that has these addresses: what listens there may trust who comes from there. */
    static Optional<String> objection(InetAddress address, Collection<InetAddress> own) {
        byte[] reached = reached(address.getAddress());
        return objection(address)
                .or(() -> own.stream().anyMatch(one -> Arrays.equals(one.getAddress(), reached))
                        ? Optional.of("this machine's own")
                        : Optional.empty());
    }

    /** The same of an address of 4 or 16 bytes. */
    static Optional<String> objection(byte[] address) {
        byte[] reached = reached(address);
        return reached.length == 4 ? find(V4, reached) : objectionV6(reached);
    }

    private static byte[] reached(byte[] address) {
        for (Embedded form : EMBEDDED) {
            if (address.length == 16 && form.range().holds(address)) {
                return Arrays.copyOfRange(address, form.at(), form.at() + 4);
            }
        }
        return address;
    }

    private static Optional<String> objectionV6(byte[] address) {
        return find(V6, address).or(() -> GLOBAL.holds(address) ? Optional.empty() : Optional.of("not public"));
    }

    private static Optional<String> find(List<Range> ranges, byte[] address) {
        return ranges.stream()
                .filter(range -> range.holds(address))
                .map(Range::what)
                .findFirst();
    }

    private static Range range(String cidr, String what) {
        String[] parts = cidr.split("/");
        return new Range(InetAddress.ofLiteral(parts[0]).getAddress(), Integer.parseInt(parts[1]), what);
    }

    // as text the JDK would take it for an IPv4 address
    private static Range prefix(byte[] bytes) {
        return new Range(bytes, bytes.length * 8, "an IPv4-mapped one");
    }
}
