package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Small archives that would cost much. What is allocated is counted; a deadline of minutes catches what is quadratic. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ArchiveCostTest {
    private static final Limits LIMITS = Limits.generous();
    private static final long MEGABYTE = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void xz_blocks_share_one_dictionary() throws IOException {
        byte[] packed = blocksWithHugeDictionaries(300);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThat(ArchiveRefusalTest.read(packed, LIMITS)).isEmpty();
        assertThat(allocatedSince(before)).isLessThan(400 * MEGABYTE);
    }

    /** A tar's end mark in blocks of four bytes, each of which claims a dictionary of 96 MiB or of 64 MiB. */
    private static byte[] blocksWithHugeDictionaries(int blocks) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(0))) {
            for (int i = 0; i < blocks; i++) {
                xz.write(new byte[4]);
                xz.endBlock();
            }
        }
        byte[] packed = out.toByteArray();
        int patched = 0;
        for (int at = 12; patched < blocks; at += 4) { // a block is aligned, its header twelve bytes long
            if (packed[at] == 2 && packed[at + 1] == 0 && packed[at + 2] == 0x21 && packed[at + 3] == 1) {
                packed[at + 4] = (byte) (patched++ % 2 == 0 ? 29 : 28);
                CRC32 crc = new CRC32();
                crc.update(packed, at, 8);
                for (int i = 0; i < 4; i++) {
                    packed[at + 8 + i] = (byte) (crc.getValue() >>> 8 * i);
                }
            }
        }
        return packed;
    }

    @Test
    void a_million_empty_members_are_too_many_and_cost_little_until_then() {
        byte[] zstd = Tar.Packing.ZSTD.pack(new byte[0]);
        byte[] gzip = Tar.Packing.GZIP.pack(new byte[0]);
        for (byte[] member : new byte[][] {zstd, gzip}) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            refused(ErrorCode.ARCHIVE_TOO_MANY_ENTRIES, repeated(member, 10_001), LIMITS.entries(10_000));
            assertThat(allocatedSince(before) / 10_000).isLessThan(256 * 1024);
        }
    }

    @Test
    void records_of_one_entry_do_not_burden_the_next() {
        String[] many = IntStream.range(0, 40_000)
                .mapToObj(i -> "vendor.key" + i + "=v")
                .toArray(String[]::new);
        Tar tar = new Tar().pax(many);
        for (int i = 0; i < 9_000; i++) {
            tar.pax("mtime=" + i).file("f" + i, "");
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThat(count(tar.end(), LIMITS)).isEqualTo(9_000);
        assertThat(allocatedSince(before)).isLessThan(150 * MEGABYTE);
        String[] sparse = IntStream.range(0, 40_000)
                .mapToObj(i -> "GNU.sparse." + i + "=v")
                .toArray(String[]::new);
        refused(ErrorCode.ARCHIVE_CORRUPT, new Tar().pax(sparse).file("f", "").end(), LIMITS);
    }

    @Test
    void a_million_dockerfiles_are_not_all_remembered() throws IOException {
        Tar tar = new Tar();
        for (int i = 0; i < 100_000; i++) {
            tar.file("Dockerfile" + i, "");
        }
        DockerfileTexts texts = new DockerfileTexts();
        try (ArchiveReader reader = new ArchiveReader(
                new ByteArrayInputStream(tar.end()), LIMITS.entries(100_000), MemoryShare.unlimited())) {
            for (ArchiveEntry entry = reader.next(); entry != null; entry = reader.next()) {
                texts.offer(entry, reader.tree(), MemoryShare.unlimited());
            }
        }
        assertThat(texts.count()).isLessThan(50_000);
    }

    @Test
    void here_documents_that_nothing_ends_are_not_searched_for_line_by_line() {
        String text = "FROM a\n"
                + IntStream.range(0, 15_000)
                        .mapToObj(i -> "RUN <<-x" + i + "\n")
                        .collect(Collectors.joining());
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThat(Dockerfile.parse("Dockerfile", text)
                        .images(Map.of(), Optional.empty(), Platform.parse("linux/amd64")))
                .containsExactly("a");
        assertThat(allocatedSince(before)).isLessThan(200 * MEGABYTE);
    }

    @Test
    void deep_paths_one_after_the_other_are_counted_by_their_directories() {
        Tar tar = new Tar();
        for (int i = 0; i < 100; i++) {
            tar.pax("path=" + i + "/" + "d/".repeat(200) + "f").file("x", "");
        }
        refused(ErrorCode.ARCHIVE_TOO_MANY_ENTRIES, tar.end(), LIMITS.entries(10_000));
        assertThat(count(tar.end(), LIMITS.entries(100_000))).isEqualTo(100);
    }

    @Test
    void the_same_name_and_hard_links_of_hard_links_cost_no_more_each_time() {
        Tar tar = new Tar().file("f0", "x").symlink("l0", "/");
        for (int i = 1; i < 50_000; i++) {
            tar.file("same", "").hardlink("f" + i, "f" + (i - 1)).hardlink("l" + i, "l" + (i - 1));
        }
        assertThat(count(tar.end(), LIMITS.entries(200_000))).isEqualTo(2 + 3 * 49_999);
    }

    @Test
    void a_map_of_holes_is_as_long_as_headers_may_be() {
        String most = IntStream.range(0, 65_000).mapToObj(i -> 2 * i + ",1").collect(Collectors.joining(","));
        Tar tar = new Tar().pax("GNU.sparse.size=1000000", "GNU.sparse.map=" + most);
        assertThat(count(tar.file("f", "x".repeat(65_000)).end(), LIMITS)).isEqualTo(1);
        String lines = "400000\n" + "0\n0\n".repeat(400_000);
        byte[] map = Arrays.copyOf(lines.getBytes(StandardCharsets.US_ASCII), lines.length() + 511 & ~511);
        refused(
                ErrorCode.ARCHIVE_TOO_LARGE,
                new Tar()
                        .pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=0")
                        .entry(Tar.header("f", '0').size(map.length), map)
                        .end(),
                LIMITS);
    }

    @Test
    void a_million_entries_with_long_names_stay_within_the_memory_for_names() {
        SlipwayException refusal = catchThrowableOfType(SlipwayException.class, () -> {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            NodeTable nodes = new NodeTable(1_000_000, 128 * MEGABYTE, MemoryShare.unlimited());
            try {
                for (int i = 0; i < 1_000_000; i++) {
                    nodes.add(NodeTable.ROOT, "n".repeat(200) + i, EntryKind.FILE);
                }
            } finally {
                // every array once more for each time that it grew
                assertThat(allocatedSince(before) - 1_000_000L * 1200).isLessThan(600 * MEGABYTE);
            }
        });
        assertThat(refusal.code()).isEqualTo(ErrorCode.ARCHIVE_MEMORY_LIMIT);
    }

    private static long allocatedSince(long before) {
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    private static InputStream repeated(byte[] member, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(member);
        }
        return new ByteArrayInputStream(all.toByteArray());
    }

    private static int count(byte[] archive, SourceLimits limits) {
        return count(new ByteArrayInputStream(archive), limits);
    }

    private static int count(InputStream archive, SourceLimits limits) {
        int count = 0;
        try (ArchiveReader reader = new ArchiveReader(archive, limits, MemoryShare.unlimited())) {
            while (reader.next() != null) {
                count++;
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return count;
    }

    private static void refused(ErrorCode code, byte[] archive, SourceLimits limits) {
        refused(code, new ByteArrayInputStream(archive), limits);
    }

    private static void refused(ErrorCode code, InputStream archive, SourceLimits limits) {
        SlipwayException refusal = catchThrowableOfType(SlipwayException.class, () -> count(archive, limits));
        assertThat(refusal).isNotNull();
        assertThat(refusal.code()).as(refusal.getMessage()).isEqualTo(code);
    }
}
