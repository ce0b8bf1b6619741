package dev.slipway.build;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * A change of a build's status: the one place where it happens and is logged. What the row must be beforehand is part of
 * the UPDATE itself, so of two that race one finds no row.
 *
 * @param from the states it starts from
 * @param to the state it leads to
 * @param assignments what else it sets, as SQL
 * @param guard what else must hold, as SQL
 */
record Transition(List<BuildStatus> from, BuildStatus to, String assignments, String guard) {
    private static final Logger LOG = Logger.getLogger("dev.slipway.build");

    Transition {
        for (BuildStatus status : from) {
            if (!status.next().contains(to)) {
                throw new IllegalArgumentException("a build cannot go from " + status + " to " + to);
            }
        }
    }

    static Transition to(BuildStatus to) {
        return new Transition(List.of(), to, "", "true");
    }

    Transition from(BuildStatus... states) {
        return new Transition(Arrays.asList(states), to, assignments, guard);
    }

    Transition set(String sql) {
        return new Transition(from, to, sql, guard);
    }

    Transition where(String sql) {
        return new Transition(from, to, assignments, sql);
    }

    /** Carries it out; the rows that changed, with the {@code returned} columns, which id and attempt must be among. */
    Uni<List<Row>> execute(SqlClient client, Tuple parameters, String returned) {
        return client.preparedQuery(sql(returned))
                .execute(parameters)
                .map(QueueRepository::rows)
                .invoke(this::log);
    }

    String sql(String returned) {
        String states = from.stream().map(status -> "'" + status + "'").collect(Collectors.joining(", "));
        return "update build set status = '" + to + "', " + assignments + " where status in (" + states + ") and "
                + guard + " returning " + returned;
    }

    private void log(List<Row> rows) {
        for (Row row : rows) {
            LOG.infof("build %s is %s (attempt %d)", row.getUUID("id"), to, row.getInteger("attempt"));
        }
    }
}
