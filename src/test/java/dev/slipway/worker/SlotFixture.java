package dev.slipway.worker;

import dev.slipway.buildah.Bud;
import dev.slipway.buildah.Buildah;
import dev.slipway.process.Killer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** One slot in a directory of its own, in which buildah really builds. */
abstract class SlotFixture {
    static final Duration LONG = Duration.ofSeconds(60);

    @Inject
    Buildah buildah;

    Path directory;
    Slots slots;
    Slot slot;

    @BeforeEach
    void makeSlot() throws IOException {
        if (buildah.report().isEmpty()) {
            buildah.probe(); // a service that only takes requests does not look for it
        }
        directory = Files.createTempDirectory("slipway-test-slot-");
        slots = new Slots(1, directory.resolve("slots"), buildah);
        slot = slots.all().getFirst();
    }

    @AfterEach
    void delete() {
        buildah.deleteTree(directory);
    }

    /** Where the attempt of a name works; made where it is missing. */
    Path work(String name) {
        return Slot.directory(directory.resolve("work").resolve(name));
    }

    Buildah.Attempt attempt(Path work, Killer killer) {
        return new Buildah.Attempt(slot.store(), work, LONG, killer);
    }

    /** A context below an attempt's directory: a Dockerfile and a static busybox. */
    static Path context(Path work, String dockerfile) throws IOException {
        Path context = Files.createDirectory(work.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        return context;
    }

    /** A Dockerfile whose one RUN step is a shell's. */
    static String running(String shell) {
        return "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sh\", \"-c\", \"" + shell + "\"]\n";
    }

    static Bud dockerfileAlone() {
        return new Bud(Optional.empty(), "Dockerfile", Map.of(), Map.of(), Optional.empty(), Optional.empty(), false);
    }
}
