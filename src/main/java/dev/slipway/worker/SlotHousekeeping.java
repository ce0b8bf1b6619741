package dev.slipway.worker;

import dev.slipway.build.FinishedBuilds;
import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.buildah.SandboxException;
import dev.slipway.buildah.StoreUsage;
import dev.slipway.buildah.StoredImage;
import dev.slipway.process.Killer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Keeps the slots' stores within their budget: the images used longest ago go first, then what cache mounts keep, then all
 * of it; and images that only deleted builds made. A slot that is looked after is taken like by a build, so no build runs in
 * it; one that is always busy is looked after between two builds, by the thread of the first.
 */
final class SlotHousekeeping {
    private static final Logger LOG = Logger.getLogger(SlotHousekeeping.class);
    /** From a full store so much is kept that the next build does not fill it again. */
    private static final double KEPT = 0.8;
    /** A build that waits is let in after that long, and the rest is done later. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final Slots slots;
    private final Buildah buildah;
    private final FinishedBuilds builds;
    private final SlotBudget budget;
    private final Path work;
    private final Killer killer = new Killer();

    SlotHousekeeping(Slots slots, Buildah buildah, FinishedBuilds builds, SlotBudget budget, Path work) {
        this.slots = slots;
        this.buildah = buildah;
        this.builds = builds;
        this.budget = budget;
        this.work = work;
    }

    SlotBudget budget() {
        return budget;
    }

    /** Measures the slots in which builds ran since, and looks after those that need it and are free. */
    synchronized void runOnce() {
        for (Slot slot : slots.all()) {
            alone(slot, this::visit);
            alone(slot, Slot::deleteDiscarded);
        }
    }

    /** What goes wrong with a slot must not keep the others from their turn. */
    private void alone(Slot slot, Consumer<Slot> work) {
        if (killer.killed()) {
            return;
        }
        try {
            work.accept(slot);
        } catch (RuntimeException e) {
            LOG.warnf("slot %d could not be looked after, which is tried again: %s", slot.index(), e.getMessage());
        }
    }

    private void visit(Slot slot) {
        if (slot.isUnmeasured()) {
            measure(slot);
        }
        if ((isOver(slot) || !imagesOfNobody(slot).isEmpty()) && slots.tryTake(slot)) {
            try {
                lookAfter(slot);
            } finally {
                slots.giveBack(slot);
            }
        }
    }

    private StoreUsage measure(Slot slot) {
        return slot.measure(() -> buildah.usage(slot.store()));
    }

    /** By the thread of a build that has ended, which still has the slot. */
    void afterBuild(Slot slot) {
        slot.uses().save();
        boolean due = isOver(slot);
        slot.unmeasured();
        if (due && !killer.killed()) {
            lookAfter(slot);
        }
    }

    /** Checks a slot whose build was killed, by the thread of that build: what it left goes at once. */
    void clear(Slot slot) {
        if (!slot.isInDoubt()) {
            return;
        }
        Path directory = directoryFor(slot);
        try {
            slot.prepare(directory, killer);
        } finally {
            buildah.deleteTree(directory);
        }
    }

    /** Not an attempt's: another one may run elsewhere by now. */
    private Path directoryFor(Slot slot) {
        return work.resolve("housekeeping-" + slot.index() + "-" + UUID.randomUUID());
    }

    /** Ends what is under way. */
    void stop() {
        killer.kill();
    }

    private boolean isOver(Slot slot) {
        return slot.usage().map(usage -> usage.total() > budget.bytes()).orElse(false)
                || slot.imageCount() > budget.images();
    }

    /** Those that only deleted builds made. */
    private List<String> imagesOfNobody(Slot slot) {
        Set<UUID> gone = slot.uses().builds();
        gone.removeAll(builds.existing(gone)); // of a build that begins meanwhile nothing is known, so it stays
        return slot.uses().forget(gone);
    }

    /** What goes wrong here must not end a build's thread, nor keep the other slots from their turn. */
    private void lookAfter(Slot slot) {
        Path directory = directoryFor(slot);
        try {
            slot.doubt(); // working containers, which failed builds leave too, would hold their images
            slot.prepare(directory.resolve("check"), killer);
            new Round(slot, directory.resolve("images")).run();
        } catch (SandboxException | UncheckedIOException | IllegalStateException e) {
            slot.doubt();
            if (!killer.killed()) {
                LOG.warnf("slot %d could not be tidied, which is tried again: %s", slot.index(), e.getMessage());
            }
        } finally {
            buildah.deleteTree(directory);
        }
    }

    /** One go at one slot. */
    private final class Round {
        private final Slot slot;
        private final Path directory;
        private final long began = System.nanoTime();
        private StoreUsage usage;
        private int removed;

        Round(Slot slot, Path directory) {
            this.slot = slot;
            this.directory = directory;
        }

        void run() {
            measure();
            long before = usage.total();
            if (usage.total() > budget.bytes() && usage.cacheMounts() > budget.bytes() / 2) {
                slot.discard(slot.store().cacheMounts());
                measure();
            }
            boolean done = removeImages();
            if (done && usage.total() > budget.bytes() && usage.cacheMounts() > 0) {
                slot.discard(slot.store().cacheMounts());
                measure();
            }
            if (done && isOver(slot)) {
                slot.discard(
                        slot.store().storage(),
                        slot.store().blobCache(),
                        slot.store().cacheMounts());
                measure();
            }
            LOG.infof(
                    "slot %d: tidied in %d ms, %d images removed, from %d to %d MiB",
                    slot.index(), (System.nanoTime() - began) / 1_000_000, removed, before >> 20, usage.total() >> 20);
        }

        private void measure() {
            usage = SlotHousekeeping.this.measure(slot);
        }

        /** False where a build that waits comes first. */
        private boolean removeImages() {
            Buildah.Attempt attempt =
                    new Buildah.Attempt(slot.store(), Slot.directory(directory), Slot.HOUSEKEEPING_SILENCE, killer);
            try (BuildahSandbox sandbox = buildah.openHousekeeping(attempt)) {
                List<StoredImage> images = sandbox.leafImages();
                slot.uses().keepOnly(images);
                removeThoseOfNobody(sandbox);
                boolean full = usage.total() > budget.bytes();
                boolean many = slot.imageCount() > budget.images();
                for (int least = 1; full || many; least *= 2) {
                    List<StoredImage> left = sandbox.leafImages();
                    int before = slot.imageCount();
                    List<String> oldest = oldest(left, least, full);
                    remove(sandbox, oldest);
                    if (oldest.size() == left.size() && slot.imageCount() >= before) {
                        return true; // there are none, or none that can be removed
                    }
                    full = full && usage.total() > budget.bytes() * KEPT;
                    many = many && slot.imageCount() > budget.images() * KEPT;
                    if (System.nanoTime() - began > TURN.toNanos() && builds.isAnyWaiting()) {
                        return false;
                    }
                }
                return true;
            } finally {
                slot.uses().save();
            }
        }

        private void removeThoseOfNobody(BuildahSandbox sandbox) {
            List<String> ofNobody = imagesOfNobody(slot);
            if (!ofNobody.isEmpty()) {
                remove(sandbox, ofNobody);
                slot.uses().disown(ofNobody);
                slot.uses().keepOnly(sandbox.leafImages());
            }
        }

        /** As many as promise to be enough by their sizes, which they share in part: at least so and so many. */
        private List<String> oldest(List<StoredImage> images, int least, boolean full) {
            long bytes = full ? usage.total() - (long) (budget.bytes() * KEPT) : 0;
            List<String> chosen = new ArrayList<>();
            for (StoredImage image : slot.uses().oldestFirst(images)) {
                if (chosen.size() >= least && bytes <= 0) {
                    break;
                }
                chosen.add(image.id());
                bytes -= image.size();
            }
            return chosen;
        }

        private void remove(BuildahSandbox sandbox, List<String> images) {
            if (images.isEmpty()) {
                return;
            }
            boolean all = sandbox.removeImages(images).succeeded();
            if (!all) {
                LOG.debugf("slot %d: some of %d images could not be removed", slot.index(), images.size());
            }
            if (!sandbox.isOpen()) {
                throw new IllegalStateException("its sandbox was killed");
            }
            removed += images.size();
            measure();
        }
    }
}
