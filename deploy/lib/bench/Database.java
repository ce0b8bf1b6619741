import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * Asks the embedded database for the benchmark: java Database.java PORT PASSWORD_FILE time N | commits | log |
 * flooded BUILD | printed BUILD.
 */
class Database {
    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/slipway";
        String password = Files.readString(Path.of(arguments[1])).strip();
        try (Connection connection = DriverManager.getConnection(url, "slipway", password);
                Statement statement = connection.createStatement()) {
            switch (arguments[2]) {
                case "time" -> time(statement, Integer.parseInt(arguments[3]));
                case "commits" ->
                    print(statement, "select xact_commit from pg_stat_database where datname = current_database()");
                case "log" -> print(statement, "select pg_total_relation_size('build_log')");
                case "flooded" -> System.out.println(flooded(statement, UUID.fromString(arguments[3])));
                case "printed" -> System.out.println(printed(statement, UUID.fromString(arguments[3])));
                default -> throw new IllegalArgumentException(arguments[2]);
            }
        }
    }

    /** Commits as small as can be, since it is the commit that waits for the disk; in milliseconds, one a line. */
    private static void time(Statement statement, int times) throws SQLException {
        statement.execute("select pg_logical_emit_message(true, 'bench', 'warm')");
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            statement.execute("select pg_logical_emit_message(true, 'bench', 'x')");
            System.out.println((System.nanoTime() - began) / 1e6);
        }
    }

    /** Waits until the log of a build has left lines out, for a minute at most. */
    private static Printed flooded(Statement statement, UUID build) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        Printed now = printed(statement, build);
        while (now.leftOut() == 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("after a minute the log of build " + build + " has all its lines");
            }
            Thread.sleep(50);
            now = printed(statement, build);
        }
        return now;
    }

    /** Lines are numbered whether they are kept or not. */
    private static Printed printed(Statement statement, UUID build) throws SQLException {
        try (ResultSet answer = statement.executeQuery("select coalesce(max(last_n), 0),"
                + " coalesce(max(last_n) - sum(last_n - first_n + 1), 0),"
                + " extract(epoch from clock_timestamp()) * 1000 from build_log where build_id = '" + build + "'")) {
            answer.next();
            return new Printed(answer.getLong(1), answer.getLong(2), answer.getLong(3));
        }
    }

    /** How many lines a build had printed at a time, in milliseconds, and how many of them its log left out. */
    private record Printed(long lines, long leftOut, long at) {
        @Override
        public String toString() {
            return lines + " " + at;
        }
    }

    private static void print(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            System.out.println(answer.getLong(1));
        }
    }
}
