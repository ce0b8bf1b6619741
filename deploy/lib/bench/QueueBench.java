package dev.slipway.build;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * Works the queue for the benchmark, by the service's own classes, with builds that do nothing: each is claimed as a
 * worker does it, and ended. One process; several share the queue as replicas do.
 *
 * <p>QueueBench PORT PASSWORD_FILE empty | past N | queue N | claim N | rate SECONDS | hold
 */
final class QueueBench {
    /** How many builds a process has in hand. */
    private static final int SLOTS = 4;

    private static final int WARM = 500;
    private static final BuildOutcome DONE = new BuildOutcome.Succeeded("sha256:nothing");

    private final String jdbcUrl;
    private final String reactiveUrl;
    private final String password;

    private QueueBench(String port, String passwordFile) throws IOException {
        reactiveUrl = "postgresql://127.0.0.1:" + port + "/slipway";
        jdbcUrl = "jdbc:" + reactiveUrl;
        password = Files.readString(Path.of(passwordFile)).strip();
    }

    public static void main(String[] arguments) throws Exception {
        QueueBench bench = new QueueBench(arguments[0], arguments[1]);
        switch (arguments[2]) {
            case "empty" -> bench.empty();
            case "past" -> bench.addPast(Integer.parseInt(arguments[3]));
            case "queue" -> bench.addQueued(Integer.parseInt(arguments[3]));
            case "claim" -> bench.claim(Integer.parseInt(arguments[3]));
            case "rate" -> bench.rate(Integer.parseInt(arguments[3]));
            case "hold" -> bench.hold();
            default -> throw new IllegalArgumentException(arguments[2]);
        }
        System.exit(0);
    }

    private void empty() throws SQLException {
        run("truncate build, push_turn cascade", "vacuum analyze");
    }

    /**
     * Builds that have ended, each with what belongs to one; as many rows of steps as a cached build has. That every row
     * belongs to a build is plain here, and to have it checked six million times would be most of the time.
     */
    private void addPast(int count) throws SQLException {
        run("set session_replication_role = replica", """
                insert into build (id, status, attempt, created_at, queued_at, started_at, finished_at, step, source_kind,
                    source_size, source_sha256, options, repository, image_id, error_code)
                select gen_random_uuid(), case when i %% 10 = 0 then 'FAILED' else 'SUCCEEDED' end, 1, at, at, at, at,
                    'PUSH', 'ARCHIVE', 10000, repeat('0', 64), '{}', 'registry.example.com/team/app-' || i %% 1000,
                    'sha256:nothing', case when i %% 10 = 0 then 'push-failed' end
                from (select i, clock_timestamp() - (%1$d - i) * interval '10 milliseconds' as at
                      from generate_series(1, %1$d) i) past order by i
                """.formatted(count), """
                insert into build_target (build_id, position, image, build_number, status, digest)
                select id, 0, repository || ':' || number, number, 'pushed', image_id
                from build where repository like 'registry.example.com/team/%' on conflict do nothing
                """, """
                insert into build_step (build_id, attempt, position, step, status, started_at, finished_at)
                select id, 1, p, (array['UNPACK', 'BUILD', 'TAG', 'LOGIN', 'PUSH'])[p], 'succeeded', started_at, finished_at
                from build, generate_series(1, 5) p where repository like 'registry.example.com/team/%'
                on conflict do nothing
                """, "vacuum analyze", "checkpoint");
    }

    private void addQueued(int count) throws SQLException {
        run("""
                with queued as (
                    insert into build (id, source_kind, source_size, source_sha256, options, repository)
                    select gen_random_uuid(), 'ARCHIVE', 1, '0', '{"buildArgs":{},"labels":{}}', 'registry.example.com/none'
                    from generate_series(1, %d) returning id, number)
                insert into build_target (build_id, position, image, build_number)
                select id, 0, 'registry.example.com/none:' || number, number from queued
                """.formatted(count));
    }

    private void run(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl, "slipway", password);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Keeps a transaction open whose snapshot sees all that was there before, until stdin ends. */
    private void hold() throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl, "slipway", password);
                Statement statement = connection.createStatement()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            statement.execute("select count(*) from build where id = '00000000-0000-0000-0000-000000000000'");
            System.out.println("held");
            System.in.read();
        }
    }

    /** Prints how long each of so many claims took, in milliseconds. */
    private void claim(int count) {
        int[] left = {count};
        work(() -> left[0]-- > 0).forEach(nanos -> System.out.println(nanos / 1e6));
    }

    /** Gets warm and says so; when stdin ends it claims for so many seconds, and prints how many it were. */
    private void rate(int seconds) throws IOException {
        int[] left = {WARM};
        work(() -> left[0]-- > 0);
        System.out.println("warm");
        while (System.in.read() >= 0) {
            // there is nothing to be read but the end
        }
        long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        System.out.println(work(() -> System.nanoTime() < until).size());
    }

    /** Claims one build after another while it may, and ends them meanwhile; how long each claim took. */
    private List<Long> work(BooleanSupplier more) {
        Vertx vertx = Vertx.vertx();
        PgConnectOptions options =
                PgConnectOptions.fromUri(reactiveUrl).setUser("slipway").setPassword(password);
        Pool pool = Pool.newInstance(PgBuilder.pool()
                .connectingTo(options)
                .with(new PoolOptions().setMaxSize(SLOTS + 1))
                .using(vertx)
                .build());
        BuildQueue queue = new BuildQueue(
                new QueueRepository(pool), new SubmissionRepository(pool), new PushTurnRepository(pool), null, new Defaults(), new ObjectMapper().findAndRegisterModules());
        List<Long> took = new ArrayList<>();
        Semaphore slots = new Semaphore(SLOTS);
        String owner = UUID.randomUUID().toString();
        try (ExecutorService workers = Executors.newFixedThreadPool(SLOTS)) {
            while (more.getAsBoolean()) {
                slots.acquireUninterruptibly();
                long began = System.nanoTime();
                BuildClaim claim = queue.claim(owner)
                        .orElseThrow(() -> new IllegalStateException("the queue is empty"))
                        .claim();
                took.add(System.nanoTime() - began);
                workers.execute(() -> {
                    queue.finish(claim, DONE);
                    slots.release();
                });
            }
        }
        pool.closeAndAwait();
        vertx.close();
        return took;
    }

    /** As in the README. */
    private static final class Defaults implements BuildConfig {
        @Override
        public Duration lease() {
            return Duration.ofSeconds(10);
        }

        @Override
        public int maxCrashes() {
            return 3;
        }

        @Override
        public Duration poll() {
            return Duration.ofSeconds(1);
        }
    }
}
