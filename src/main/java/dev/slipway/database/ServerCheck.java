package dev.slipway.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jboss.logging.Logger;
import org.postgresql.Driver;

/** Whether an existing server lets us in: asked once before the framework starts, for one clear message. */
final class ServerCheck {
    private static final Logger LOG = Logger.getLogger(ServerCheck.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    /** "The connection could not be made" and "the database system is starting up": wait and see. */
    private static final String CONNECTION_EXCEPTIONS = "08";

    private static final String STARTING_UP = "57P03";

    private ServerCheck() {}

    static void run(Database database, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try (Connection connection = new Driver().connect(database.jdbcUrl(), properties(database))) {
                    LOG.debugf("%s answers: %s", database.description(), connection);
                    return;
                } catch (SQLException e) {
                    if (!mayPass(e) || System.nanoTime() > deadline) {
                        throw new StartupException(
                                "tried to connect to " + database.description() + " but " + e.getMessage(), e);
                    }
                    LOG.infof("waiting for %s: %s", database.description(), e.getMessage());
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("tried to connect to the database but was interrupted", e);
        }
    }

    private static boolean mayPass(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals(STARTING_UP) || state.startsWith(CONNECTION_EXCEPTIONS);
    }

    private static Properties properties(Database database) {
        Properties properties = new Properties();
        properties.setProperty("user", database.user());
        properties.setProperty("password", database.password().reveal());
        properties.setProperty("loginTimeout", "10");
        return properties;
    }
}
