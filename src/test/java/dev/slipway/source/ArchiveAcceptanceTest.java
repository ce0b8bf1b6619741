package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdOutputStream;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class ArchiveAcceptanceTest {
    private static final Limits LIMITS = Limits.generous();

    @ParameterizedTest
    @EnumSource(Tar.Packing.class)
    void odd_but_harmless_names_are_accepted(Tar.Packing packing) throws IOException {
        byte[] tar = new Tar()
                .directory("./")
                .file("./a", "1")
                .file("b/../c", "2")
                .file("-rf", "3")
                .file("d//e", "4")
                .file("back\\slash", "5")
                .file("...", "6")
                .file("caf\u00e9", "7")
                .symlink("out", "/etc/../../..")
                .hardlink("h", "./a")
                .hardlink("again", "out")
                .end();
        assertThat(read(packing.pack(tar)))
                .containsExactly(
                        "DIRECTORY  ",
                        "FILE a 1",
                        "FILE c 2",
                        "FILE -rf 3",
                        "FILE d/e 4",
                        "FILE back\\slash 5",
                        "FILE ... 6",
                        "FILE caf\u00e9 7",
                        "SYMLINK out ",
                        "HARDLINK h ",
                        "HARDLINK again ");
    }

    @ParameterizedTest
    @EnumSource(Tar.Packing.class)
    void members_may_follow_each_other_and_zeros_may_follow_them(Tar.Packing packing) throws IOException {
        byte[] tar = new Tar().file("a", "x".repeat(5000)).end();
        byte[] split = ArchiveRefusalTest.join(
                packing.pack(Arrays.copyOf(tar, 777)),
                packing.pack(new byte[0]),
                packing.pack(Arrays.copyOfRange(tar, 777, tar.length)),
                new byte[4096]);
        assertThat(read(split)).containsExactly("FILE a " + "x".repeat(5000));
    }

    @Test
    void zeros_of_any_length_may_follow_the_end_mark() throws IOException {
        assertThat(read(new Tar().file("a", "x").raw(new byte[1024 + 12_345]).bytes()))
                .hasSize(1);
        assertThat(read(new byte[1024])).isEmpty();
    }

    @Test
    void old_tars_without_a_magic_are_read() throws IOException {
        byte[] tar = new Tar()
                .entry(Tar.header("d/", '\0').v7())
                .entry(Tar.header("d/f", '\0').v7().size(1), (byte) 'x')
                .end();
        assertThat(read(tar)).containsExactly("DIRECTORY d ", "FILE d/f x");
    }

    @Test
    void sparse_files_have_their_holes_as_zeros_in_every_form() throws IOException {
        String expected = "FILE f \0\0\0ab\0c\0";
        String map = "2\n3\n2\n6\n1\n";
        byte[] one = (map + "\0".repeat(512 - map.length()) + "abc").getBytes(StandardCharsets.UTF_8);
        byte[] content = "abc".getBytes(StandardCharsets.UTF_8);
        Tar.Header old = Tar.header("f", 'S').gnu().size(3);
        old.text(386, octal(3) + octal(2) + octal(6) + octal(1)).text(483, octal(8));
        List<byte[]> forms = List.of(
                new Tar().entry(old, content).end(),
                new Tar()
                        .pax(
                                "GNU.sparse.size=8",
                                "GNU.sparse.numblocks=2",
                                "GNU.sparse.offset=3",
                                "GNU.sparse.numbytes=2",
                                "GNU.sparse.offset=6",
                                "GNU.sparse.numbytes=1")
                        .entry(Tar.header("f", '0').size(3), content)
                        .end(),
                new Tar()
                        .pax("GNU.sparse.name=f", "GNU.sparse.size=8", "GNU.sparse.map=3,2,6,1")
                        .entry(Tar.header("GNUSparseFile.1/f", '0').size(3), content)
                        .end(),
                new Tar()
                        .pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=f", "GNU.sparse.realsize=8")
                        .entry(Tar.header("GNUSparseFile.1/f", '0').size(one.length), one)
                        .end());
        for (byte[] form : forms) {
            assertThat(read(form)).containsExactly(expected);
        }
    }

    private static String octal(long number) {
        return String.format("%011o\0", number);
    }

    @Test
    void a_tar_whose_first_file_is_named_like_a_compressed_one_is_a_tar() throws IOException {
        assertThat(read(new Tar().file("BZh9", "x").end())).containsExactly("FILE BZh9 x");
    }

    @Test
    void other_formats_are_named() {
        assertThatThrownBy(() -> read("PK\3\4 and so on".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(SlipwayException.class, refusal -> assertThat(refusal.code())
                        .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE))
                .hasMessageContaining("ZIP");
        assertCode(ErrorCode.ARCHIVE_CORRUPT, new byte[0], LIMITS);
        assertCode(ErrorCode.ARCHIVE_CORRUPT, "x".repeat(2000).getBytes(StandardCharsets.UTF_8), LIMITS);
    }

    @Test
    void a_decoder_that_wants_too_much_memory_is_refused() throws IOException {
        byte[] tar = new Tar().file("a", "x".repeat(3 << 20)).end();
        ByteArrayOutputStream xz = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(1);
        options.setDictSize(32 << 20);
        try (OutputStream out = new XZOutputStream(xz, options)) {
            out.write(tar);
        }
        ByteArrayOutputStream zstd = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStream(zstd).setLong(25)) {
            out.write(tar);
        }
        for (byte[] packed : List.of(xz.toByteArray(), zstd.toByteArray())) {
            assertCode(ErrorCode.ARCHIVE_MEMORY_LIMIT, packed, LIMITS.memory(16 << 20));
            assertThat(ArchiveRefusalTest.read(packed, LIMITS.memory(64 << 20))).hasSize(1);
        }
    }

    @Test
    void names_and_link_targets_may_not_fill_the_heap() {
        Tar tar = new Tar();
        for (int i = 0; i < 1000; i++) {
            tar.pax("linkpath=" + "x".repeat(3000)).symlink("l" + i, "x");
        }
        assertCode(ErrorCode.ARCHIVE_MEMORY_LIMIT, tar.end(), LIMITS.memory(1 << 20));
    }

    @Test
    void a_bomb_stops_at_the_limit() {
        byte[] zeros = new byte[64 << 20];
        for (Tar.Packing packing : Tar.Packing.values()) {
            assertCode(ErrorCode.ARCHIVE_TOO_LARGE, packing.pack(zeros), LIMITS.unpacked(1 << 20));
        }
    }

    @Test
    void what_the_origin_throws_is_no_damaged_archive() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };
        assertThatThrownBy(() -> new ArchiveReader(broken, LIMITS, MemoryShare.unlimited()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("connection reset");
    }

    @Test
    void a_hundred_thousand_entries_are_told_apart() throws IOException {
        Tar tar = new Tar();
        for (int i = 0; i < 100_000; i++) {
            tar.file("d" + i % 100 + "/f" + i, "");
        }
        try (ArchiveReader reader = new ArchiveReader(
                new ByteArrayInputStream(tar.end()), LIMITS.entries(200_000), MemoryShare.unlimited())) {
            while (reader.next() != null) {}
            assertThat(reader.tree().size()).isEqualTo(1 + 100 + 100_000);
        }
    }

    private static void assertCode(ErrorCode code, byte[] archive, SourceLimits limits) {
        SlipwayException refusal =
                catchThrowableOfType(SlipwayException.class, () -> ArchiveRefusalTest.read(archive, limits));
        assertThat(refusal).isNotNull();
        assertThat(refusal.code()).isEqualTo(code);
    }

    private static List<String> read(byte[] archive) throws IOException {
        return ArchiveRefusalTest.read(archive, LIMITS);
    }
}
