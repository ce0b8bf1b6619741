package dev.slipway.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.QueueOnly;
import dev.slipway.TestData;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class NotificationsTest {
    private static final String LISTENING = "from pg_stat_activity where query ilike 'listen %'";

    @Inject
    Notifications notifications;

    @Inject
    TestData data;

    @Test
    void one_connection_hears_everything_and_comes_back_when_it_is_lost() {
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        AtomicInteger listening = new AtomicInteger();
        notifications.on("slipway_test", heard::add, listening::incrementAndGet);
        await().until(() -> listening.get() == 1);
        assertThat(data.row("select count(*) " + LISTENING).getLong(0)).isEqualTo(1);

        data.row("select pg_notify('slipway_test', 'first')");
        await().until(() -> heard.contains("first"));
        data.row("select pg_terminate_backend(pid) " + LISTENING);
        await().until(() -> listening.get() == 2);
        data.row("select pg_notify('slipway_test', 'second')");

        await().until(() -> heard.contains("second"));
        assertThat(heard).containsExactly("first", "second");
    }
}
