package dev.slipway.database;

import dev.slipway.secret.Secret;
import java.io.Closeable;

/** The PostgreSQL that builds are kept in, and how it is reached by the two drivers. */
public sealed interface Database extends Closeable permits EmbeddedPostgres, ExternalPostgres {
    /** For Flyway's driver. */
    String jdbcUrl();

    /** For everything else. */
    String reactiveUrl();

    /** Who we are there. */
    String user();

    /** And the proof. */
    Secret password();

    /** Whether connections have to be encrypted; whose the certificate is, is not asked (as libpq's "require"). */
    default boolean isEncrypted() {
        return false;
    }

    /** One line for the log: what it is and where. */
    String description();

    /** Stops what we started; what was there before stays. */
    @Override
    void close();
}
