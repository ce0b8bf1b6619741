package dev.slipway.worker;

import dev.slipway.buildah.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much one slot may keep between builds.
 *
 * @param bytes of the disk
 * @param images however small: buildah looks at all of them in every build
 */
record SlotBudget(long bytes, int images) {
    private static final int PART_OF_DISK = 4;
    private static final long MOST = 20L << 30;

    /** The configured one, or an equal share of a quarter of the disk. */
    static SlotBudget of(WorkerConfig config, int slots) {
        if (config.slotImages() < 1) {
            throw new IllegalArgumentException("tried to use slipway.worker.slot-images=" + config.slotImages()
                    + " but it has to be more than nothing");
        }
        long bytes = config.slotBudget()
                .map(budget -> budget.asLongValue())
                .orElseGet(() -> Math.min(
                        diskOf(config.slotsDirectory().toAbsolutePath()) / PART_OF_DISK / Math.max(1, slots), MOST));
        return new SlotBudget(bytes, config.slotImages());
    }

    private static long diskOf(Path directory) {
        try {
            return Files.getFileStore(Files.createDirectories(directory)).getTotalSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("tried to look at the disk of " + directory + " but it failed: " + e, e);
        }
    }

    @Override
    public String toString() {
        return Limits.size(bytes) + " and " + images + " images";
    }
}
