package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.QueueOnly;
import dev.slipway.build.FinishedBuilds;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.buildah.SandboxException;
import dev.slipway.buildah.StoreUsage;
import dev.slipway.buildah.StoredImage;
import dev.slipway.joblog.BuildRows;
import dev.slipway.process.CommandResult;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a slot keeps and what goes, with images of a few megabytes that buildah really makes. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(120)
class SlotHousekeepingTest extends SlotFixture {
    private static final SlotBudget ENOUGH = new SlotBudget(1L << 30, 300);
    private static final int MEGABYTES = 8;

    @Inject
    FinishedBuilds finished;

    @Inject
    BuildRows rows;

    private SlotHousekeeping within(SlotBudget budget) {
        return new SlotHousekeeping(slots, buildah, finished, budget, directory.resolve("work"));
    }

    private SlotBudget megabytes(int count) {
        return new SlotBudget((long) count << 20, 300);
    }

    /** An image with a layer of some megabytes. */
    private String dockerfile(String name) {
        return "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"dd\", \"if=/dev/zero\", \"of=/" + name
                + "\", \"bs=1M\", \"count=" + MEGABYTES + "\"]\n";
    }

    private record Built(String image, UUID build, String said) {
        boolean fromCache() {
            return said.contains("--> Using cache " + image);
        }
    }

    private Built build(String name) throws IOException {
        return build(name, dockerfile(name));
    }

    /** As an attempt would. */
    private Built build(String name, String dockerfile) throws IOException {
        UUID build = rows.queued();
        Path work = work(build.toString());
        Path context = context(work, dockerfile);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        CacheHits hits = new CacheHits((stream, bytes, length) -> {
            synchronized (said) {
                said.write(bytes, 0, length);
            }
        });
        BuildahSandbox sandbox = buildah.openBuild(attempt(work, new Killer()), context);
        CommandResult result;
        try (sandbox) {
            result = sandbox.bud(dockerfileAlone(), LONG, hits);
            if (result.succeeded()) {
                sandbox.tag(sandbox.imageId(), "localhost/slipway/cache:" + name, OutputSink.DISCARD);
            }
        }
        String text = said.toString(StandardCharsets.UTF_8);
        assertThat(result.succeeded()).as(text).isTrue();
        slot.used(hits.images());
        slot.uses().built(sandbox.imageId(), build);
        slot.unmeasured();
        return new Built(sandbox.imageId().substring("sha256:".length()), build, text);
    }

    private List<String> images() {
        try (BuildahSandbox sandbox = buildah.openHousekeeping(attempt(work("look"), new Killer()))) {
            return sandbox.leafImages().stream().map(StoredImage::id).toList();
        }
    }

    @Test
    void the_images_used_longest_ago_go_first_and_a_cache_hit_is_a_use() throws IOException {
        Built one = build("one");
        Built two = build("two");
        Built three = build("three");
        assertThat(build("one").fromCache()).isTrue();

        within(megabytes(4 * MEGABYTES)).runOnce();
        assertThat(images()).as("not over its budget").contains(one.image(), two.image(), three.image());

        within(megabytes(3 * MEGABYTES)).runOnce();

        assertThat(images()).contains(one.image(), three.image()).doesNotContain(two.image());
        assertThat(slot.usage().orElseThrow().total()).isLessThan(3L * MEGABYTES << 20);
        assertThat(build("one").fromCache()).isTrue();
        assertThat(build("two").fromCache()).isFalse();
    }

    @Test
    void what_was_used_is_remembered_over_a_restart() throws IOException {
        Built one = build("one");
        Built two = build("two");
        build("one");
        slot.uses().save();
        slots = new Slots(1, directory.resolve("slots"), buildah);
        slot = slots.all().getFirst();

        within(megabytes(2 * MEGABYTES)).runOnce();

        assertThat(images()).contains(one.image()).doesNotContain(two.image());
    }

    @Test
    void too_many_images_go_however_small() throws IOException {
        Built first = build("first", "FROM scratch\nCOPY busybox /first\n");
        for (int i = 0; i < 4; i++) {
            build("small-" + i, "FROM scratch\nCOPY busybox /small-" + i + "\n");
        }
        Built last = build("last", "FROM scratch\nCOPY busybox /last\n");
        assertThat(slot.imageCount()).isEqualTo(6);

        within(new SlotBudget(1L << 30, 5)).runOnce();

        assertThat(slot.imageCount()).isBetween(1, 4);
        assertThat(images()).contains(last.image()).doesNotContain(first.image());
    }

    @Test
    void an_image_goes_when_the_last_build_that_made_it_is_deleted() throws IOException {
        Built other = build("other");
        Built first = build("app");
        Built again = build("app");
        assertThat(again.image()).isEqualTo(first.image());
        SlotHousekeeping housekeeping = within(ENOUGH);

        rows.delete(first.build());
        housekeeping.runOnce();
        assertThat(images()).contains(first.image());

        rows.delete(again.build());
        housekeeping.runOnce();
        assertThat(images()).containsExactly(other.image());
        assertThat(build("other").fromCache()).isTrue();
    }

    @Test
    void cache_mounts_that_take_half_of_the_budget_go_before_any_image() throws IOException {
        Built kept = build("kept");
        build(
                "cache",
                "FROM scratch\nCOPY busybox /bin/busybox\nRUN --mount=type=cache,target=/cache "
                        + "[\"/bin/busybox\", \"dd\", \"if=/dev/zero\", \"of=/cache/file\", \"bs=1M\", \"count=20\"]\n");
        SlotHousekeeping housekeeping = within(megabytes(28));
        housekeeping.runOnce();

        assertThat(slot.usage().orElseThrow().cacheMounts()).isLessThan(1 << 20);
        assertThat(images()).contains(kept.image());
        assertThat(build("kept").fromCache()).isTrue();
    }

    @Test
    void a_store_that_is_still_too_large_without_its_images_is_emptied() throws IOException {
        build("one");
        Files.write(slot.store().storage().resolve("litter"), new byte[6 << 20]);

        within(megabytes(4)).runOnce();

        assertThat(slot.store().storage()).doesNotExist();
        try (var left = Files.list(directory.resolve("slots/0"))) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("discarded"));
        }
        assertThat(build("one").fromCache()).isFalse();
    }

    @Test
    void a_slot_that_is_taken_is_left_alone_and_tidied_by_its_build() throws Exception {
        Built one = build("one");
        SlotHousekeeping housekeeping = within(megabytes(4));
        assertThat(slots.reserve(0)).isTrue();
        assertThat(slots.take("demo")).isSameAs(slot);

        housekeeping.runOnce();
        assertThat(images()).contains(one.image());
        assertThat(slot.usage().orElseThrow().total()).isGreaterThan(4 << 20);

        housekeeping.afterBuild(slot);
        slots.giveBack(slot);
        assertThat(slot.usage().orElseThrow().total()).isLessThan(4 << 20);
    }

    @Test
    void a_store_that_fails_its_check_is_emptied_and_goes_on() throws IOException {
        build("one");
        try (var files = Files.newDirectoryStream(slot.store().storage(), "*-layers")) {
            for (Path layers : files) {
                Files.writeString(layers.resolve("layers.json"), "{");
            }
        }
        slot.doubt();

        slot.prepare(directory.resolve("work/check"), new Killer());

        assertThat(slot.store().storage()).doesNotExist();
        assertThat(build("one").fromCache()).isFalse();
        assertThat(build("one").fromCache()).isTrue();
    }

    @Test
    void a_check_that_is_killed_says_nothing_about_the_store() throws IOException {
        Built kept = build("kept");
        Killer killer = new Killer();
        killer.kill();
        slot.doubt();

        assertThatThrownBy(() -> slot.prepare(directory.resolve("work/killed-check"), killer))
                .isInstanceOf(SandboxException.class);

        slot.prepare(directory.resolve("work/check"), new Killer());
        assertThat(images()).containsExactly(kept.image());
    }

    @Test
    void a_slot_is_left_in_peace_once_the_images_of_deleted_builds_are_gone() throws IOException {
        Built first = build("app");
        Built again = build("app");
        rows.delete(first.build());
        SlotHousekeeping housekeeping = within(ENOUGH);
        housekeeping.runOnce();

        assertThat(slot.uses().builds()).containsExactly(again.build());
        slot.uses().built("no-image-so-rmi-fails", first.build());
        housekeeping.runOnce();

        assertThat(slot.uses().builds()).containsExactly(again.build());
        assertThat(images()).containsExactly(first.image());
    }

    @Test
    void what_is_discarded_is_deleted_by_housekeeping_and_by_no_build() throws IOException {
        build("one");
        slot.discard(slot.store().storage());
        assertThat(discarded()).hasSize(1);

        within(ENOUGH).runOnce();

        assertThat(discarded()).isEmpty();
    }

    private List<String> discarded() throws IOException {
        try (var left = Files.list(slot.directory())) {
            return left.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("discarded"))
                    .toList();
        }
    }

    @Test
    void a_build_that_ends_while_its_slot_is_measured_has_it_measured_again() {
        slot.measure(() -> {
            slot.unmeasured();
            return new StoreUsage(1, 0);
        });
        assertThat(slot.isUnmeasured()).isTrue();

        slot.measure(() -> new StoreUsage(2, 0));
        assertThat(slot.isUnmeasured()).isFalse();
        assertThat(slot.usage()).contains(new StoreUsage(2, 0));

        assertThatThrownBy(() -> slot.measure(() -> {
                    throw new SandboxException("no du");
                }))
                .hasMessage("no du");
        assertThat(slot.isUnmeasured()).isTrue();
    }

    @Test
    void an_image_that_a_build_made_up_is_not_remembered() throws IOException {
        Built real = build("real");
        slot.used(Set.of("0".repeat(64), real.image()));
        slot.uses().save();

        assertThat(Files.readString(slot.directory().resolve("uses")))
                .contains(real.image())
                .doesNotContain("0".repeat(64));
    }

    @Test
    void the_uses_that_are_remembered_are_not_more_than_so_many() throws IOException {
        slot.uses().used("again");
        slot.uses().used("first");
        slot.uses().used("again");
        for (int i = 1; i < 20_000; i++) {
            slot.uses().used("base-" + i);
        }
        slot.uses().save();

        assertThat(Files.readAllLines(slot.directory().resolve("uses")))
                .hasSize(20_000)
                .first()
                .asString()
                .endsWith(" again");
    }

    @Test
    void what_a_killed_build_left_goes_before_any_image() throws IOException {
        Built kept = build("kept");
        Path work = work("killed");
        String dockerfile =
                running("/bin/busybox dd if=/dev/zero of=/x bs=1M count=8; echo written; " + "/bin/busybox sleep 600");
        Killer killer = new Killer();
        OutputSink untilWritten = (stream, bytes, length) -> {
            if (new String(bytes, 0, length, StandardCharsets.UTF_8).lines().anyMatch("written"::equals)) {
                Thread.ofVirtual().start(killer::kill);
            }
        };
        try (BuildahSandbox sandbox = buildah.openBuild(attempt(work, killer), context(work, dockerfile))) {
            assertThat(sandbox.bud(dockerfileAlone(), LONG, untilWritten)).isEqualTo(new CommandResult.Killed());
        }
        slot.unmeasured();
        assertThat(buildah.usage(slot.store()).total()).isGreaterThan(14 << 20);

        within(megabytes(14)).runOnce();

        assertThat(slot.usage().orElseThrow().total()).isLessThan(14 << 20);
        assertThat(images()).contains(kept.image());
    }

    @Test
    void slots_that_are_no_more_are_found() throws IOException {
        build("one");
        Files.createDirectories(directory.resolve("slots/7/storage"));
        Files.createDirectories(directory.resolve("slots/not-ours"));

        assertThat(slots.abandoned()).containsExactly(directory.resolve("slots/7"));
    }
}
