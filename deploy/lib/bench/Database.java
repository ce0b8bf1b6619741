import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Asks the embedded database for the benchmark: java Database.java PORT PASSWORD_FILE time N | commits | log. */
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

    private static void print(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            System.out.println(answer.getLong(1));
        }
    }
}
