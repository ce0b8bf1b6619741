package dev.slipway.database;

import dev.slipway.secret.PrivateFile;
import dev.slipway.secret.Secret;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PostgreSQL server that somebody else runs. */
public final class ExternalPostgres implements Database {
    private static final int DEFAULT_PORT = 5432;
    private static final String FORM = "it must look like postgresql://user@host:5432/database";
    private static final Pattern URL = Pattern.compile("(?:jdbc:)?postgres(?:ql)?://"
            + "(?:(?<user>[^:@/?#\\s]*)(?<password>:[^@/?#\\s]*)?@)?"
            + "(?<host>\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(?::(?<port>[0-9]{1,5}))?"
            + "/(?<database>[A-Za-z0-9._~-]+)(?:\\?(?<options>\\S*))?");
    private static final Pattern SSL_MODE = Pattern.compile("sslmode=(?:disable|require)");

    private final String address;
    private final String user;
    private final Secret password;

    private ExternalPostgres(String address, String user, Secret password) {
        this.address = address;
        this.user = user;
        this.password = password;
    }

    /** The server that the settings name; refuses settings that are wrong, contradict each other, or lack something. */
    static ExternalPostgres of(DatabaseConfig config) {
        // the URL itself stays out of every message: it may hold a password
        Matcher url = URL.matcher(config.url().orElseThrow());
        if (!url.matches()) {
            throw refusal("slipway.database.url cannot be understood; " + FORM);
        }
        if (url.group("password") != null) {
            throw refusal("slipway.database.url holds a password; put it into a file and name that with"
                    + " SLIPWAY_DATABASE_PASSWORD_FILE");
        }
        return new ExternalPostgres(address(url), user(url, config), password(config));
    }

    @Override
    public String jdbcUrl() {
        return "jdbc:postgresql://" + address;
    }

    @Override
    public String reactiveUrl() {
        return "postgresql://" + address;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public Secret password() {
        return password;
    }

    @Override
    public String description() {
        return "PostgreSQL at " + address + " as " + user;
    }

    @Override
    public boolean isEncrypted() {
        return address.endsWith("?sslmode=require");
    }

    @Override
    public void close() {
        // it is not ours to stop
    }

    private static String address(Matcher url) {
        int port = url.group("port") == null ? DEFAULT_PORT : Integer.parseInt(url.group("port"));
        if (port < 1 || port > 65_535) {
            throw refusal("the port in slipway.database.url is " + port);
        }
        String options = url.group("options");
        if (options != null && !SSL_MODE.matcher(options).matches()) {
            throw refusal("slipway.database.url has options that are not supported: the only one is sslmode, with"
                    + " disable or require");
        }
        return url.group("host") + ":" + port + "/" + url.group("database") + (options == null ? "" : "?" + options);
    }

    private static String user(Matcher url, DatabaseConfig config) {
        Optional<String> ofUrl = Optional.ofNullable(url.group("user")).filter(user -> !user.isEmpty());
        if (ofUrl.isPresent() && config.user().isPresent() && !ofUrl.equals(config.user())) {
            throw refusal("slipway.database.url and slipway.database.user name different users");
        }
        return ofUrl.or(config::user)
                .orElseThrow(() -> refusal(
                        "there is no user: put it into slipway.database.url (" + FORM + ") or slipway.database.user"));
    }

    private static Secret password(DatabaseConfig config) {
        if (config.password().isPresent() && config.passwordFile().isPresent()) {
            throw refusal("slipway.database.password and slipway.database.password-file are both set");
        }
        if (config.password().isEmpty() && config.passwordFile().isEmpty()) {
            throw refusal("there is no password: name a file with SLIPWAY_DATABASE_PASSWORD_FILE, or set"
                    + " SLIPWAY_DATABASE_PASSWORD");
        }
        try {
            return Secret.of(config.password()
                    .orElseGet(() -> PrivateFile.read(config.passwordFile().orElseThrow())));
        } catch (UncheckedIOException e) {
            throw new StartupException(e.getMessage() + " (slipway.database.password-file)", e);
        }
    }

    private static StartupException refusal(String why) {
        return new StartupException("tried to use the database that the configuration names but " + why);
    }
}
