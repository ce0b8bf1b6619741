package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.QueueOnly;
import dev.slipway.TestData;
import dev.slipway.build.BuildConfig;
import dev.slipway.build.BuildQueue;
import dev.slipway.joblog.BuildRows;
import dev.slipway.joblog.JobLog;
import io.quarkus.scheduler.Scheduler;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When leases are judged, and when not. Its time is the test's. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class RescuerTest {
    @Inject
    Scheduler scheduler;

    @Inject
    BuildQueue queue;

    @Inject
    JobLog log;

    @Inject
    Node node;

    @Inject
    BuildConfig config;

    @Inject
    TestData data;

    @Inject
    BuildRows builds;

    private final AtomicLong now = new AtomicLong();
    private Rescuer rescuer;

    @BeforeEach
    void the_service_has_no_rescuer_of_its_own() {
        scheduler.pause();
        data.run("delete from build");
        now.set(0);
        rescuer = new Rescuer(queue, log, node, config, now::get);
    }

    @AfterEach
    void resume() {
        scheduler.resume();
    }

    /** A build whose worker has not renewed its lease in time. */
    private UUID expired() {
        UUID id = builds.running();
        data.run("update build set lease_until = clock_timestamp() - interval '1 second' where id = $1", id);
        return id;
    }

    private String status(UUID id) {
        return data.row("select status from build where id = $1", id).getString(0);
    }

    private void at(double leases) {
        now.set((long) (leases * config.lease().toNanos()));
        rescuer.runOnce();
    }

    @Test
    void a_lease_that_ran_out_is_the_end_of_an_attempt() {
        UUID id = expired();

        at(0);

        assertThat(status(id)).isEqualTo("QUEUED");
    }

    @Test
    void after_an_outage_it_waits_a_lease_for_those_who_could_not_renew() {
        at(0);
        UUID id = expired();

        at(0.6); // it was away for longer than half a lease
        assertThat(status(id)).isEqualTo("RUNNING");
        for (double leases = 0.8; leases < 1.6; leases += 0.2) {
            at(leases);
            assertThat(status(id)).isEqualTo("RUNNING");
        }
        at(1.61);
        assertThat(status(id)).isEqualTo("QUEUED");
    }

    @Test
    void an_answer_that_comes_late_was_an_outage_too() {
        at(0);
        UUID id = expired();
        var late = new Rescuer(
                queue, log, node, config, () -> now.getAndAdd(config.lease().toNanos()));

        late.runOnce();

        assertThat(status(id)).isEqualTo("RUNNING");
    }
}
