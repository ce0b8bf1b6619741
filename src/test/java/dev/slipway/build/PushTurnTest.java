package dev.slipway.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.QueueOnly;
import dev.slipway.build.BuildQueue.Turn;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose turn it is to push a tag. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class PushTurnTest {
    private static final String TAG = "example.com/a:1";

    @Inject
    TestQueue tests;

    @Inject
    BuildQueue queue;

    private ClaimedBuild older;
    private ClaimedBuild newer;

    @BeforeEach
    void claim_two_builds_of_one_tag() {
        tests.empty();
        tests.add(TAG, "example.com/b:1");
        tests.add(TAG);
        older = tests.claim("a");
        newer = tests.claim("b");
    }

    private Turn take(ClaimedBuild build) {
        return queue.takeTurn(build, build.targets().getFirst());
    }

    private void end(ClaimedBuild build, boolean pushed) {
        queue.endTurn(build, build.targets().getFirst(), pushed);
    }

    @Test
    void two_builds_never_push_one_tag_at_once() {
        assertThat(take(older)).isEqualTo(Turn.OURS);
        assertThat(take(newer)).isEqualTo(Turn.BUSY);
        assertThat(queue.takeTurn(older, older.targets().get(1))).isEqualTo(Turn.OURS);
        end(newer, true);
        assertThat(take(newer)).isEqualTo(Turn.BUSY);

        end(older, true);

        assertThat(take(newer)).isEqualTo(Turn.OURS);
    }

    @Test
    void a_tag_does_not_move_back_to_a_build_that_was_queued_earlier() {
        assertThat(take(newer)).isEqualTo(Turn.OURS);
        end(newer, true);

        assertThat(take(older)).isEqualTo(Turn.SUPERSEDED);
        assertThat(queue.takeTurn(older, older.targets().get(1))).isEqualTo(Turn.OURS);
    }

    @Test
    void a_push_that_failed_supersedes_nobody() {
        take(newer);
        end(newer, false);

        assertThat(take(older)).isEqualTo(Turn.OURS);
    }

    @Test
    void the_turn_of_a_dead_worker_is_free() {
        take(older);
        queue.rescue(List.of("a"), false);

        assertThat(take(newer)).isEqualTo(Turn.OURS);
    }
}
