package dev.slipway.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.slipway.QueueOnly;
import dev.slipway.TestData;
import dev.slipway.build.BuildQueue.Hold;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Claims, leases and ends on a real database, with several workers at once. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(60)
class BuildQueueTest {
    private static final BuildOutcome DONE = new BuildOutcome.Succeeded("sha256:image");
    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject
    TestQueue tests;

    @Inject
    BuildQueue queue;

    @Inject
    TestData data;

    @BeforeEach
    void empty() {
        tests.empty();
    }

    @Test
    void a_claim_is_in_the_order_of_the_queue() {
        List<UUID> added = Stream.generate(tests::add).limit(3).toList();
        data.run("update build set queued_at = queued_at - interval '1 hour' where id = $1", added.get(2));

        List<UUID> claimed =
                Stream.generate(() -> tests.claim("a").claim().id()).limit(3).toList();

        assertThat(claimed).containsExactly(added.get(2), added.get(0), added.get(1));
        assertThat(queue.claim("a")).isEmpty();
    }

    @Test
    void no_build_is_claimed_twice() throws Exception {
        List<UUID> added = Stream.generate(tests::add).limit(24).toList();

        List<UUID> claimed = new ArrayList<>();
        together(IntStream.range(0, 6)
                        .<Callable<List<UUID>>>mapToObj(worker -> () -> claimAll("worker-" + worker))
                        .toList())
                .forEach(claimed::addAll);

        assertThat(claimed).containsExactlyInAnyOrderElementsOf(added);
    }

    private List<UUID> claimAll(String owner) {
        return Stream.generate(() -> queue.claim(owner))
                .takeWhile(Optional::isPresent)
                .map(build -> build.get().claim().id())
                .toList();
    }

    @Test
    void a_stale_claim_cannot_finish_a_build() {
        UUID id = tests.add();
        ClaimedBuild stale = tests.claim("a");
        assertThat(queue.rescue(List.of("a"), false)).hasSize(1);
        ClaimedBuild fresh = tests.claim("a");
        assertThat(fresh.claim()).isEqualTo(new BuildClaim(id, 2, "a"));

        assertThat(queue.beginStep(stale.claim(), 1, Step.UNPACK)).isFalse();
        assertThat(queue.pushed(stale.claim(), stale.targets().getFirst(), "sha256:x"))
                .isFalse();
        assertThat(queue.finish(stale.claim(), DONE)).isFalse();
        assertThat(queue.finish(stale.claim(), TestQueue.failed())).isFalse();
        assertThat(queue.finish(stale.claim(), new BuildOutcome.HandedBack("test", false)))
                .isFalse();
        assertThat(queue.finish(new BuildClaim(id, 2, "b"), DONE)).isFalse();

        assertThat(tests.get(id).status).isEqualTo(BuildStatus.RUNNING);
        assertThat(queue.finish(fresh.claim(), DONE)).isTrue();
    }

    @Test
    void an_image_that_is_in_a_slot_alone_is_forgotten_with_its_claim() {
        UUID id = tests.add();
        ClaimedBuild lost = tests.claim("a");
        assertThat(queue.built(lost.claim(), "sha256:1")).isTrue();
        assertThat(tests.get(id).imageId).isEqualTo("sha256:1");
        assertThat(queue.rescue(List.of("a"), false)).hasSize(1);
        assertThat(tests.get(id).imageId).isNull();
        assertThat(queue.built(lost.claim(), "sha256:1")).isFalse();

        BuildClaim back = tests.claim("a").claim();
        assertThat(queue.built(back, "sha256:2")).isTrue();
        assertThat(queue.finish(back, new BuildOutcome.HandedBack("test", false)))
                .isTrue();
        assertThat(tests.get(id).imageId).isNull();

        BuildClaim again = tests.claim("a").claim();
        assertThat(queue.built(again, "sha256:3")).isTrue();
        assertThat(queue.finish(again, TestQueue.failed())).isTrue();
        tests.retry(id);
        assertThat(tests.get(id).imageId).isNull();
    }

    @Test
    void a_build_ends_once() {
        UUID id = tests.add();
        BuildClaim claim = tests.claim("a").claim();
        assertThat(queue.finish(claim, TestQueue.failed())).isTrue();
        Instant ended = tests.get(id).finishedAt;

        assertThat(queue.finish(claim, TestQueue.failed())).isFalse();
        assertThat(queue.finish(claim, DONE)).isFalse();

        Build build = tests.get(id);
        assertThat(build.status).isEqualTo(BuildStatus.FAILED);
        assertThat(build.errorCode).isEqualTo("build-failed");
        assertThat(build.finishedAt).isEqualTo(ended);
    }

    @Test
    void a_cancel_that_comes_with_the_end_does_not_undo_it() throws Exception {
        for (int i = 0; i < 15; i++) {
            UUID id = tests.add();
            BuildClaim claim = tests.claim("a").claim();
            List<Boolean> won = together(List.of(() -> queue.finish(claim, DONE), () -> isCancelTaken(id)));

            Build build = tests.get(id);
            assertThat(won.get(0)).isTrue();
            assertThat(build.status).isEqualTo(BuildStatus.SUCCEEDED);
            assertThat(build.cancelRequested).isFalse();
        }
    }

    @Test
    void of_two_ends_at_once_exactly_one_wins() throws Exception {
        for (int i = 0; i < 15; i++) {
            UUID id = tests.add();
            BuildClaim claim = tests.claim("a").claim();
            tests.cancel(id);
            List<Boolean> won = together(
                    List.of(() -> queue.finish(claim, DONE), () -> queue.finish(claim, new BuildOutcome.Cancelled())));

            assertThat(won).containsOnlyOnce(true);
            assertThat(tests.get(id).status).isEqualTo(won.get(0) ? BuildStatus.SUCCEEDED : BuildStatus.CANCELLED);
        }
    }

    @Test
    void of_a_cancel_and_a_claim_at_once_the_build_is_cancelled_or_marked() throws Exception {
        for (int i = 0; i < 15; i++) {
            UUID id = tests.add();
            List<Boolean> won = together(List.of(() -> queue.claim("a").isPresent(), () -> isCancelTaken(id)));

            assertThat(won.get(1)).isTrue();
            Build build = tests.get(id);
            if (won.get(0)) {
                assertThat(build.status).isEqualTo(BuildStatus.RUNNING);
                assertThat(build.cancelRequested).isTrue();
                assertThat(queue.finish(new BuildClaim(id, 1, "a"), new BuildOutcome.Cancelled()))
                        .isTrue();
            } else {
                assertThat(build.status).isEqualTo(BuildStatus.CANCELLED);
            }
        }
    }

    private boolean isCancelTaken(UUID id) {
        try {
            tests.cancel(id);
            return true;
        } catch (SlipwayException refused) {
            return false;
        }
    }

    @Test
    void a_renewal_answers_with_what_is_still_held_and_what_is_to_stop() {
        UUID kept = tests.add();
        UUID cancelled = tests.add();
        UUID lost = tests.add();
        IntStream.range(0, 3).forEach(i -> tests.claim("a"));
        tests.cancel(cancelled);
        queue.finish(new BuildClaim(lost, 1, "a"), new BuildOutcome.HandedBack("test", true));
        tests.claim("b");

        assertThat(queue.renew(List.of(
                        new BuildClaim(kept, 1, "a"), new BuildClaim(cancelled, 1, "a"), new BuildClaim(lost, 1, "a"))))
                .isEqualTo(Map.of(
                        new BuildClaim(kept, 1, "a"), Hold.KEPT,
                        new BuildClaim(cancelled, 1, "a"), Hold.CANCEL_REQUESTED));
    }

    @Test
    void an_expired_lease_brings_the_build_back_until_it_has_crashed_too_often() {
        UUID id = tests.add();
        Instant queuedAt = tests.get(id).queuedAt;
        for (int crash = 1; crash <= 2; crash++) {
            tests.claim("a");
            tests.expireLease(id);
            queue.rescue(List.of(), true);
            Build build = tests.get(id);
            assertThat(build.status).isEqualTo(BuildStatus.QUEUED);
            assertThat(build.queuedAt).isEqualTo(queuedAt);
            assertThat(tests.crashes(id)).isEqualTo(crash);
        }

        tests.claim("a");
        tests.expireLease(id);
        queue.rescue(List.of(), true);

        Build build = tests.get(id);
        assertThat(build.status).isEqualTo(BuildStatus.FAILED);
        assertThat(build.errorCode).isEqualTo("worker-crashed");
        assertThat(build.attempt).isEqualTo(3);
        tests.retry(id);
        assertThat(tests.crashes(id)).isZero();
        assertThat(tests.get(id).queuedAt).isAfter(queuedAt);
    }

    @Test
    void the_rescuer_finds_an_expired_lease_by_itself() {
        UUID id = tests.add();
        tests.claim("a");
        tests.expireLease(id);

        await().atMost(SOON).until(() -> tests.get(id).status == BuildStatus.QUEUED);
        assertThat(tests.crashes(id)).isEqualTo(1);
    }

    /** A worker may die between its last push and the end. */
    @Test
    void a_staged_build_without_targets_left_can_still_be_claimed_and_ended() {
        UUID id = tests.add("example.com/a:1");
        ClaimedBuild first = tests.claim("a");
        queue.finish(
                first.claim(),
                new BuildOutcome.Failed(
                        ErrorCode.PUSH_FAILED,
                        "test",
                        Optional.of(Step.PUSH),
                        Optional.empty(),
                        Optional.of("sha256:1")));
        tests.retry(id);
        ClaimedBuild second = tests.claim("a");
        queue.pushed(second.claim(), second.targets().getFirst(), "sha256:2");
        queue.rescue(List.of("a"), false);

        ClaimedBuild third = tests.claim("b");

        assertThat(third.targets()).isEmpty();
        assertThat(third.repository()).isEqualTo("example.com/a");
        assertThat(third.staged()).contains("sha256:1");
        assertThat(queue.finish(third.claim(), new BuildOutcome.Succeeded("sha256:1")))
                .isTrue();
    }

    @Test
    void a_failure_of_another_kind_does_not_forget_the_stage() {
        UUID id = tests.add();
        BuildOutcome.Failed atPush = new BuildOutcome.Failed(
                ErrorCode.PUSH_FAILED, "test", Optional.of(Step.PUSH), Optional.empty(), Optional.of("sha256:1"));
        queue.finish(tests.claim("a").claim(), atPush);
        tests.retry(id);
        queue.finish(tests.claim("a").claim(), TestQueue.failed());
        tests.retry(id);

        assertThat(tests.claim("a").staged()).contains("sha256:1");
    }

    @Test
    void a_lease_that_holds_is_not_touched() {
        UUID id = tests.add();
        tests.claim("a");

        assertThat(queue.rescue(List.of("b"), true)).isEmpty();
        assertThat(tests.get(id).status).isEqualTo(BuildStatus.RUNNING);
    }

    @Test
    void a_lost_build_that_was_to_be_cancelled_is_cancelled() {
        UUID id = tests.add();
        tests.claim("a");
        tests.cancel(id);

        queue.rescue(List.of("a"), false);

        Build build = tests.get(id);
        assertThat(build.status).isEqualTo(BuildStatus.CANCELLED);
        assertThat(build.errorCode).isEqualTo("cancelled");
        assertThat(tests.crashes(id)).isZero();
    }

    @Test
    void a_build_that_a_shutdown_hands_back_keeps_its_place_and_has_not_crashed() {
        UUID first = tests.add();
        tests.add();
        Instant queuedAt = tests.get(first).queuedAt;
        BuildClaim claim = tests.claim("a").claim();

        assertThat(queue.finish(claim, new BuildOutcome.HandedBack("shutdown", false)))
                .isTrue();

        assertThat(tests.crashes(first)).isZero();
        assertThat(tests.get(first).queuedAt).isEqualTo(queuedAt);
        assertThat(tests.claim("b").claim()).isEqualTo(new BuildClaim(first, 2, "b"));
    }

    @Test
    void a_build_that_is_handed_back_but_was_to_be_cancelled_is_cancelled() {
        UUID id = tests.add();
        BuildClaim claim = tests.claim("a").claim();
        tests.cancel(id);

        assertThat(queue.finish(claim, new BuildOutcome.HandedBack("shutdown", false)))
                .isTrue();
        assertThat(tests.get(id).status).isEqualTo(BuildStatus.CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(names = {"QUEUED", "RUNNING", "SUCCEEDED"})
    void a_retry_that_the_state_forbids_asks_for_no_password(BuildStatus status) {
        UUID id = in(status);
        data.run("update build set credentials_host = 'example.com' where id = $1", id);

        assertThatThrownBy(() -> tests.retry(id))
                .isInstanceOfSatisfying(SlipwayException.class, refused -> assertThat(refused.code())
                        .isEqualTo(ErrorCode.BUILD_STATE_CONFLICT));
    }

    @ParameterizedTest
    @EnumSource(BuildStatus.class)
    void the_database_refuses_every_transition_that_is_not_in_the_table(BuildStatus from) {
        Set<BuildStatus> allowed = from.next();
        for (BuildStatus to : BuildStatus.values()) {
            if (to != from && !allowed.contains(to)) {
                UUID id = in(from);
                assertThatThrownBy(() -> data.run(force(to), id))
                        .as("%s to %s", from, to)
                        .hasMessageContaining("a build cannot go from " + from + " to " + to);
            } else {
                data.run(force(to), in(from));
            }
        }
    }

    private UUID in(BuildStatus status) {
        tests.empty();
        UUID id = tests.add();
        if (status == BuildStatus.CANCELLED) {
            tests.cancel(id);
        } else if (status != BuildStatus.QUEUED) {
            BuildClaim claim = tests.claim("a").claim();
            if (status != BuildStatus.RUNNING) {
                queue.finish(claim, status == BuildStatus.SUCCEEDED ? DONE : TestQueue.failed());
            }
        }
        assertThat(tests.get(id).status).isEqualTo(status);
        return id;
    }

    /** Meets every other constraint, so that only the transition itself can be refused. */
    private static String force(BuildStatus to) {
        boolean running = to == BuildStatus.RUNNING;
        boolean failed = to == BuildStatus.FAILED || to == BuildStatus.CANCELLED;
        return "update build set status = '" + to + "', attempt = greatest(attempt, 1), image_id = 'x', lease_owner = "
                + (running ? "'x'" : "null") + ", lease_until = " + (running ? "now() + interval '1 hour'" : "null")
                + ", finished_at = " + (to.isFinal() ? "now()" : "null") + ", error_code = "
                + (failed ? "'x'" : "null") + " where id = $1";
    }

    private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
        CyclicBarrier start = new CyclicBarrier(tasks.size());
        try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
            List<Future<T>> running = tasks.stream()
                    .map(task -> threads.submit(() -> {
                        start.await(10, TimeUnit.SECONDS);
                        return task.call();
                    }))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get(20, TimeUnit.SECONDS));
            }
            return results;
        }
    }
}
