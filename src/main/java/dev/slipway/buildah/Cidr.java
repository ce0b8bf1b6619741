package dev.slipway.buildah;

import java.net.InetAddress;

/** A range of addresses: {@code 10.0.0.0/8}, {@code fc00::/7}, or one address. */
record Cidr(InetAddress first, int bits) {
    /** Reads it; {@link IllegalArgumentException} says what is wrong. */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        try {
            InetAddress first = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
            int all = first.getAddress().length * Byte.SIZE;
            int bits = slash < 0 ? all : Integer.parseInt(text.substring(slash + 1));
            if (bits >= 0 && bits <= all) {
                return new Cidr(first, bits);
            }
        } catch (IllegalArgumentException e) {
            // said below, in one way for all
        }
        throw new IllegalArgumentException("'" + text + "' is no network like 10.1.2.0/24 or fd12::/64");
    }

    boolean isV4() {
        return first.getAddress().length == 4;
    }

    /** An IPv4 range as a NAT64 gateway writes it. */
    String inNat64() {
        return "64:ff9b::" + first.getHostAddress() + "/" + (96 + bits);
    }

    /** An IPv4 range as 6to4 writes it. */
    String in6to4() {
        byte[] a = first.getAddress();
        return "2002:%02x%02x:%02x%02x::/%d".formatted(a[0], a[1], a[2], a[3], 16 + bits);
    }

    @Override
    public String toString() {
        return first.getHostAddress() + "/" + bits;
    }
}
