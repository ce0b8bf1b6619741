package dev.slipway.build;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.UUID;
import java.util.regex.Pattern;

/** What the database tells every replica when builds change: hints only, a lost one costs one poll. */
final class BuildSignals {
    static final String CHANNEL = "slipway_build";
    static final String QUEUED = "queued";
    static final String CANCEL = "cancel";
    static final String ENDED = "ended";

    static final Pattern FORM = Pattern.compile("([a-z]+) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");

    private BuildSignals() {}

    /** Sends one when the transaction commits. */
    static Uni<Void> send(SqlClient client, String what, UUID id) {
        return client.preparedQuery("select pg_notify($1, $2)")
                .execute(Tuple.of(CHANNEL, what + " " + id))
                .replaceWithVoid();
    }
}
