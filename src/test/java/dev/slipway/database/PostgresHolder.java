package dev.slipway.database;

import java.io.IOException;
import java.nio.file.Path;

/** A process that holds an embedded server until somebody kills it. */
final class PostgresHolder {
    private PostgresHolder() {}

    public static void main(String... arguments) throws IOException {
        EmbeddedPostgres postgres = EmbeddedPostgres.start(Path.of(arguments[0]));
        System.out.println("ready on " + postgres.port());
        // until our parent is gone, too: a killed test leaves nothing behind
        while (System.in.read() >= 0) {}
    }
}
