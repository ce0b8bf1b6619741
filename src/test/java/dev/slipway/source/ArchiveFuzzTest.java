package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random archives, sound and broken. The same seeds give the same archives; {@code -Dfuzz.rounds} makes it longer, and
 * {@code -Dfuzz.seed} begins elsewhere.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS)
class ArchiveFuzzTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 60);
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    private static final int MUTATIONS = 20;
    private static final Set<ErrorCode> REFUSALS = EnumSet.of(
            ErrorCode.ARCHIVE_CORRUPT,
            ErrorCode.ARCHIVE_TRAILING_DATA,
            ErrorCode.ARCHIVE_TOO_LARGE,
            ErrorCode.ARCHIVE_TOO_MANY_ENTRIES,
            ErrorCode.ARCHIVE_NAME_TOO_LONG,
            ErrorCode.ARCHIVE_MEMORY_LIMIT,
            ErrorCode.ARCHIVE_PATH_ESCAPE,
            ErrorCode.ARCHIVE_LINK_ESCAPE,
            ErrorCode.ARCHIVE_ENTRY_NAME,
            ErrorCode.ARCHIVE_ENTRY_TYPE,
            ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
            ErrorCode.UNSUPPORTED_MEDIA_TYPE);

    @TempDir
    Path directory;

    private Path canary;
    private Path into;
    private Limits limits;
    private Sources sources;
    private List<String> evil;
    private SortedMap<String, String> outside;
    private final Map<String, Integer> judgements = new TreeMap<>();

    @BeforeEach
    void put_a_canary_beside() throws IOException {
        canary = Files.createDirectory(directory.resolve("canary"));
        Files.writeString(canary.resolve("Dockerfile"), "sings");
        into = directory.resolve("context");
        limits = Limits.in(directory.resolve("store"))
                .entries(100)
                .unpacked(4 << 20)
                .depth(12);
        sources = new Sources(limits);
        evil = List.of(
                "../canary/x",
                "../canary",
                canary + "/x",
                canary.toString(),
                "up/../canary/x",
                "a/../../canary/x",
                "l/x",
                "l",
                "a/x",
                "b/x",
                "b/",
                "c/.",
                "src/../b",
                "",
                ".",
                "..",
                "./",
                "/",
                "a\0b",
                "a\nb",
                "\u0085",
                "caf\u00e9",
                "n".repeat(100),
                "x".repeat(256),
                "d/".repeat(13) + "f",
                "Dockerfile",
                "Dockerfile/x",
                "a",
                "b",
                "c");
        outside = TreeListing.of(canary);
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
    }

    @Test
    void every_sound_archive_is_accepted_and_comes_out_as_the_tree_it_means() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED * 1_000_003 + round);
            RandomTar tar = randomTar(random);
            UUID id = UUID.randomUUID();
            try {
                accept(id, Repacked.of(random, tar.bytes()));
                sources.unpack(id, Layout.DEFAULT, into);
                assertThat(TreeListing.of(into)).isEqualTo(tar.tree());
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("round " + round + " of seed " + SEED, e);
            }
            sources.delete(id);
            DirectoryTree.delete(into);
        }
        assertThat(TreeListing.of(canary)).isEqualTo(outside);
    }

    @Test
    void a_broken_archive_is_refused_or_harmless_and_leaves_nothing() throws IOException {
        SortedMap<String, String> empty = storeNow();
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED * 1_000_033 + round);
            RandomTar tar = randomTar(random);
            for (int mutation = 0; mutation < MUTATIONS; mutation++) {
                byte[] broken = TarMutation.of(random, tar, evil);
                byte[] packed = mutation % 4 != 0 ? broken : Repacked.broken(random, broken);
                try {
                    judgeTwice(packed);
                    if (mutation == 0) {
                        refuseOrKeep(packed);
                        assertThat(storeNow()).isEqualTo(empty);
                    }
                } catch (RuntimeException | AssertionError e) {
                    Path kept = Files.write(Path.of("target", "fuzz-" + SEED + "-" + round + "-" + mutation), packed);
                    throw new AssertionError(kept + ": round " + round + "." + mutation + " of seed " + SEED, e);
                }
            }
        }
        System.getLogger("fuzz").log(System.Logger.Level.INFO, "judged {0}", judgements);
        assertThat(judgements).containsKey("accepted").hasSizeGreaterThan(8);
    }

    private RandomTar randomTar(Random random) {
        List<String> targets = List.of(
                canary.toString(),
                "../canary",
                "../../canary",
                ".",
                "..",
                "/",
                "//",
                "a//b/",
                "/etc/passwd",
                "Dockerfile");
        return new RandomTar(random, 1 + random.nextInt(30), targets);
    }

    private void accept(UUID id, byte[] archive) throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(new ByteArrayInputStream(archive));
            draft.finish(Layout.DEFAULT);
            draft.keep();
        }
    }

    /** What the intake says of an archive, the unpacker says too, and nothing of it appears elsewhere. */
    private void judgeTwice(byte[] archive) throws IOException {
        Optional<ErrorCode> atIntake = refusal(() -> readAll(archive));
        Files.createDirectory(into);
        Optional<ErrorCode> atUnpacking = refusal(() -> {
            try (StoredStream stored = new StoredStream(Files.write(directory.resolve("archive"), archive));
                    ArchiveReader reader = new ArchiveReader(stored, limits, MemoryShare.unlimited())) {
                // small as they are, every other archive's files are copied as large ones are
                new ContextWriter(stored, reader, into, limits, archive.length % 1024 == 0 ? 1 : Long.MAX_VALUE)
                        .write();
            } finally {
                Files.delete(directory.resolve("archive"));
            }
        });
        judgements.merge(atIntake.map(ErrorCode::name).orElse("accepted"), 1, Integer::sum);
        assertThat(atUnpacking).isEqualTo(atIntake);
        assertThat(atIntake.filter(code -> !REFUSALS.contains(code))).isEmpty();
        SortedMap<String, String> written = TreeListing.of(into);
        assertThat(written.size()).isLessThanOrEqualTo(limits.maxEntries());
        assertThat(written.values()).noneMatch("something else"::equals);
        assertThat(TreeListing.of(canary)).isEqualTo(outside);
        try (var beside = Files.list(directory)) {
            assertThat(beside).containsExactlyInAnyOrder(canary, into, limits.directory());
        }
        DirectoryTree.delete(into);
    }

    private void readAll(byte[] archive) throws IOException {
        try (ArchiveReader reader =
                new ArchiveReader(new ByteArrayInputStream(archive), limits, MemoryShare.unlimited())) {
            long size = 0;
            for (ArchiveEntry entry = reader.next(); entry != null; entry = reader.next()) {
                byte[] content = entry.content().readAllBytes();
                assertThat(content).hasSize((int) entry.size());
                size += content.length;
            }
            assertThat(size).isLessThanOrEqualTo(limits.maxUnpacked().asLongValue());
        }
    }

    /** The whole way in; kept or refused, afterwards nothing is there. */
    private void refuseOrKeep(byte[] archive) throws IOException {
        UUID id = UUID.randomUUID();
        boolean kept = refusal(() -> accept(id, archive)).isEmpty();
        assertThat(sources.exists(id)).isEqualTo(kept);
        if (kept) {
            sources.unpack(id, Layout.DEFAULT, into);
            DirectoryTree.delete(into);
            sources.delete(id);
        }
    }

    private SortedMap<String, String> storeNow() {
        SortedMap<String, String> now = TreeListing.of(limits.directory());
        now.replaceAll((path, line) -> line.substring(0, line.indexOf(' ')));
        return now;
    }

    private static Optional<ErrorCode> refusal(Attempt attempt) throws IOException {
        try {
            attempt.run();
            return Optional.empty();
        } catch (SlipwayException refusal) {
            assertThat(refusal.getMessage()).startsWith("tried to ").contains(" but ");
            return Optional.of(refusal.code());
        }
    }

    private interface Attempt {
        void run() throws IOException;
    }

    /** Compressed in some way, in one member or several. */
    private static final class Repacked {
        private static final byte[] SKIPPABLE = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};

        static byte[] of(Random random, byte[] tar) {
            Tar.Packing packing = Tar.Packing.values()[random.nextInt(5)];
            if (packing == Tar.Packing.PLAIN) {
                return tar;
            }
            Tar packed = new Tar();
            int from = 0;
            for (int left = random.nextInt(4); left >= 0; left--) {
                int to = left == 0 ? tar.length : from + random.nextInt(tar.length - from + 1);
                packed.raw(packing.pack(Arrays.copyOfRange(tar, from, to)));
                if (packing == Tar.Packing.ZSTD && random.nextBoolean()) {
                    packed.raw(SKIPPABLE);
                }
                if (packing == Tar.Packing.XZ && random.nextBoolean()) {
                    packed.raw(new byte[4 * random.nextInt(10)]);
                }
                from = to;
            }
            return packed.bytes();
        }

        static byte[] broken(Random random, byte[] tar) {
            byte[] packed = of(random, tar);
            if (packed.length == 0) {
                return packed;
            }
            switch (random.nextInt(4)) {
                case 0 -> packed[random.nextInt(packed.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> packed[random.nextInt(Math.min(40, packed.length))] = (byte) random.nextInt(256);
                case 2 -> packed = Arrays.copyOf(packed, random.nextInt(packed.length));
                default -> packed = ArchiveRefusalTest.join(packed, of(random, tar));
            }
            return packed;
        }
    }
}
