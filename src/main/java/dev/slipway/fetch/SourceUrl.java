package dev.slipway.fetch;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.secret.Secret;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a source is to be had: an http or https URL in its normal form. Its text, as messages and logs have it, is
 * without user info and query, because passwords and signatures stand there.
 */
public final class SourceUrl {
    /** The longest URL. */
    static final int MAX_LENGTH = 4096;

    private static final int MAX_HOST = 253;
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+-]*):.*", Pattern.DOTALL);
    /** Visible ASCII, without what browsers and libraries read in different ways. */
    private static final Pattern CHARACTERS = Pattern.compile("[\\x21-\\x7e&&[^\"<>\\\\]]*");

    private static final Pattern FORM = Pattern.compile(
            "(?<scheme>https?)://(?:(?<user>[^@/?#]*)@)?(?<host>\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)"
                    + "(?::(?<port>[0-9]{0,5}))?(?<path>/[^?#]*)?(?:\\?(?<query>[^#]*))?(?:#.*)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
    private static final Pattern ESCAPES = Pattern.compile("[^%]*+(?:%[0-9A-Fa-f]{2}[^%]*+)*+");

    private final String scheme;
    private final String host;
    private final int port;
    private final String path;
    private final Optional<Secret> userInfo;
    private final Optional<Secret> query;

    private SourceUrl(Matcher parts, String field) {
        scheme = parts.group("scheme").toLowerCase(Locale.ROOT);
        host = host(field, parts.group("host").toLowerCase(Locale.ROOT));
        port = port(field, parts.group("port"), scheme);
        path = parts.group("path") == null ? "/" : parts.group("path");
        userInfo = secret(parts.group("user"));
        query = secret(parts.group("query"));
        if (userInfo.isPresent() && !ESCAPES.matcher(userInfo.get().reveal()).matches()) {
            throw invalid(field, "its user and password hold a % that begins no escape");
        }
    }

    private SourceUrl(SourceUrl other, String path, Optional<Secret> userInfo) {
        scheme = other.scheme;
        host = other.host;
        port = other.port;
        this.path = path;
        query = other.query;
        this.userInfo = userInfo;
    }

    /** Reads the text of a request's field; refuses what is no such URL, and other schemes as {@code url-forbidden}. */
    public static SourceUrl parse(String field, String text) {
        checkLength(field, text);
        Matcher scheme = SCHEME.matcher(text);
        if (!scheme.matches()) {
            throw invalid(field, "it is no URL: that begins with http:// or https://");
        }
        if (!scheme.group(1).toLowerCase(Locale.ROOT).matches("https?")) {
            throw forbidden(field, "only http and https URLs are fetched");
        }
        if (!CHARACTERS.matcher(text).matches()) {
            throw invalid(field, "it holds characters that a URL writes as % and two digits");
        }
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw invalid(field, "it has not the form http://host[:port]/path");
        }
        SourceUrl url = new SourceUrl(parts, field);
        // what is stored is read again by the worker
        checkLength(field, url.whole().reveal());
        return url;
    }

    private static void checkLength(String field, String text) {
        if (text.length() > MAX_LENGTH) {
            throw invalid(field, "it is longer than " + MAX_LENGTH + " characters");
        }
    }

    /** A URL that its own kind may not be asked for. */
    static SlipwayException forbidden(String field, String why) {
        return new SlipwayException(
                ErrorCode.URL_FORBIDDEN,
                "tried to read the field `" + field + "` but " + why,
                Map.of("field", field),
                null);
    }

    private static SlipwayException invalid(String field, String why) {
        // without the text: it may hold a password
        return SlipwayException.invalidField(field, "tried to read the field `" + field + "` but " + why);
    }

    private static Optional<Secret> secret(String text) {
        return Optional.ofNullable(text).filter(some -> !some.isEmpty()).map(Secret::of);
    }

    private static int port(String field, String text, String scheme) {
        if (text == null || text.isEmpty()) {
            return scheme.equals("https") ? 443 : 80;
        }
        int port = Integer.parseInt(text);
        if (port < 1 || port > 65535) {
            throw invalid(field, "its port is not between 1 and 65535");
        }
        return port;
    }

    /** A name, or an address in its usual form, however it was written: {@code 0x7f.1} is 127.0.0.1. */
    private static String host(String field, String text) {
        try {
            if (text.startsWith("[")) {
                return bracketed(InetAddress.ofLiteral(text.substring(1, text.length() - 1)));
            }
            String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
            if (NUMBER.matcher(name.substring(name.lastIndexOf('.') + 1)).matches()) {
                return Inet4Address.ofPosixLiteral(name).getHostAddress();
            }
            if (name.length() <= MAX_HOST && !name.isEmpty() && !("." + name + ".").contains("..")) {
                return name;
            }
        } catch (IllegalArgumentException e) {
            // said below, for all that is no host
        }
        throw invalid(field, "its host is neither a name nor an address");
    }

    private static String bracketed(InetAddress address) {
        String text = address.getHostAddress();
        return address instanceof Inet6Address ? "[" + text + "]" : text;
    }

    /** Where a redirect leads; user and password go on only to the same scheme, host and port. */
    SourceUrl redirectedTo(String location) {
        SourceUrl next = parse("Location", SCHEME.matcher(location).matches() ? location : resolve(location));
        if (next.userInfo.isPresent()) {
            throw invalid("Location", "it has a user or a password, which no redirect may bring");
        }
        return new SourceUrl(
                next, withoutDots(next.path), next.origin().equals(origin()) ? userInfo : Optional.empty());
    }

    /** A reference relative to this URL, as RFC 3986 reads it; java.net.URI follows its predecessor. */
    private String resolve(String reference) {
        if (reference.startsWith("//")) {
            return scheme + ":" + reference;
        }
        String there = reference.split("#", 2)[0];
        if (there.isEmpty()) {
            return origin() + target().reveal();
        }
        if (there.startsWith("/")) {
            return origin() + there;
        }
        return origin() + (there.startsWith("?") ? path : path.substring(0, path.lastIndexOf('/') + 1)) + there;
    }

    /** A path without the segments {@code .} and {@code ..}. */
    private static String withoutDots(String path) {
        Deque<String> kept = new ArrayDeque<>();
        for (String segment : path.substring(1).split("/", -1)) {
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.equals(".")) {
                kept.addLast(segment);
            }
        }
        if (path.endsWith("/.") || path.endsWith("/..")) {
            kept.addLast("");
        }
        return "/" + String.join("/", kept);
    }

    /** Scheme, host and port. */
    String origin() {
        return scheme + "://" + authority();
    }

    /** The host, with the port where it is not the scheme's own. */
    String authority() {
        return port == (isSecure() ? 443 : 80) ? host : host + ":" + port;
    }

    boolean isSecure() {
        return scheme.equals("https");
    }

    /** A name in lower case, an IPv4 address, or an IPv6 address in brackets. */
    String host() {
        return host;
    }

    int port() {
        return port;
    }

    /** The address, where the host is one and no name. */
    Optional<InetAddress> address() {
        if (host.startsWith("[")) {
            return Optional.of(InetAddress.ofLiteral(host.substring(1, host.length() - 1)));
        }
        return NUMBER.matcher(host.substring(host.lastIndexOf('.') + 1)).matches()
                ? Optional.of(InetAddress.ofLiteral(host))
                : Optional.empty();
    }

    Optional<Secret> userInfo() {
        return userInfo;
    }

    /** What a request asks for: path and query. */
    Secret target() {
        return Secret.of(path + query.map(some -> "?" + some.reveal()).orElse(""));
    }

    /** Whether it has user info or a query. */
    public boolean isPrivate() {
        return userInfo.isPresent() || query.isPresent();
    }

    /** All of it. */
    public Secret whole() {
        return Secret.of(scheme + "://"
                + userInfo.map(some -> some.reveal() + "@").orElse("") + authority() + target().reveal());
    }

    /** All of it but user and password: what makes two URLs the same. */
    public Secret identity() {
        return Secret.of(origin() + target().reveal());
    }

    /** Without user info and query. */
    @Override
    public String toString() {
        return origin() + path;
    }
}
