package dev.slipway;

import dev.slipway.database.DataDirectory;
import dev.slipway.database.Database;
import dev.slipway.database.Databases;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** The service: what it owns is taken before the framework starts, and given back after the framework has stopped. */
@QuarkusMain
public final class Slipway {
    static {
        // before the first logger: what is said until the framework runs comes in the framework's format too
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    }

    private static final Logger LOG = Logger.getLogger(Slipway.class);
    /** How long a SIGTERM waits for all of it; the database ends by itself when we are gone. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;

    Slipway() {}

    /** Runs the service until it is told to stop; exits with 1 where it could not start. */
    public static void main(String... arguments) {
        if (!new Slipway().run(arguments)) {
            System.exit(1);
        }
    }

    private boolean run(String... arguments) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitEnd, "slipway-stop"));
        try {
            ListenAddress.adoptPort();
            Config config = ConfigProvider.getConfig();
            ListenAddress.check(config);
            try (DataDirectory directory = DataDirectory.open(DataDirectory.configured(config));
                    Database database = Databases.open(config, directory)) {
                System.setProperty(DataDirectory.SETTING, directory.path().toString());
                Databases.settings(config, directory, database).forEach(System::setProperty);
                serve(arguments);
            }
            return true;
        } catch (RuntimeException e) {
            // in a start that a SIGTERM cut short everything fails, and nobody wants to know how
            if (!stopping) {
                LOG.debug("the service did not start", e);
                System.err.println("Slipway: " + StartupFailure.message(e));
            }
            return false;
        } finally {
            ended.countDown();
        }
    }

    /** Returns when the framework has stopped, all beans and connections with it. */
    private static void serve(String... arguments) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Quarkus.run(null, (exitCode, cause) -> failure.set(cause), arguments);
        if (failure.get() != null) {
            throw new IllegalStateException("the framework did not start", failure.get());
        }
    }

    /** The JVM ends when its shutdown hooks have: this one is there until the main thread is through. */
    private void awaitEnd() {
        stopping = true;
        try {
            if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                System.err.println("Slipway: did not stop within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
