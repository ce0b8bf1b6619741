package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ArchiveRefusalTest {
    private static final Limits LIMITS =
            Limits.generous().unpacked(1 << 20).entries(20).depth(8);

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("hostile")
    void a_hostile_archive_is_refused_with_its_own_code(String what, ErrorCode code, byte[] tar) {
        for (Tar.Packing packing : Tar.Packing.values()) {
            SlipwayException refusal =
                    catchThrowableOfType(SlipwayException.class, () -> read(packing.pack(tar), LIMITS));
            assertThat(refusal).as("%s with %s", what, packing).isNotNull();
            assertThat(refusal.code())
                    .as("%s with %s: %s", what, packing, refusal.getMessage())
                    .isEqualTo(code);
            assertThat(refusal.getMessage()).startsWith("tried to ").contains(" but ");
        }
    }

    static Stream<Arguments> hostile() {
        return Stream.of(names(), links(), kinds(), damage(), sparse(), limits())
                .flatMap(List::stream);
    }

    private static List<Arguments> names() {
        return List.of(
                of("absolute", ErrorCode.ARCHIVE_PATH_ESCAPE, tar().file("/etc/passwd", "x")),
                of("parent", ErrorCode.ARCHIVE_PATH_ESCAPE, tar().file("../x", "x")),
                of("parent in the middle", ErrorCode.ARCHIVE_PATH_ESCAPE, tar().file("a/../../x", "x")),
                of("out and in again", ErrorCode.ARCHIVE_PATH_ESCAPE, tar().file("../root/x", "x")),
                of("parent directory", ErrorCode.ARCHIVE_PATH_ESCAPE, tar().directory("..")),
                of(
                        "PAX absolute",
                        ErrorCode.ARCHIVE_PATH_ESCAPE,
                        tar().pax("path=/x").file("ok", "x")),
                of(
                        "PAX parent",
                        ErrorCode.ARCHIVE_PATH_ESCAPE,
                        tar().pax("path=a/../../x").file("ok", "x")),
                of(
                        "GNU parent",
                        ErrorCode.ARCHIVE_PATH_ESCAPE,
                        tar().longName('L', "../x").file("ok", "x")),
                of("empty", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file("", "x")),
                of("a dot", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file(".", "x")),
                of("ends with a parent", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file("a/b/..", "x")),
                of("newline", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file("a\nb", "x")),
                of("escape", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file("a\u001bb", "x")),
                of("DEL", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file("a\u007fb", "x")),
                of("C1", ErrorCode.ARCHIVE_ENTRY_NAME, tar().file("a\u009bb", "x")),
                of(
                        "PAX NUL",
                        ErrorCode.ARCHIVE_ENTRY_NAME,
                        tar().pax("path=a\0b").file("ok", "x")),
                of(
                        "GNU NUL",
                        ErrorCode.ARCHIVE_ENTRY_NAME,
                        tar().longName('L', "a\0b").file("ok", "x")),
                of("no UTF-8", ErrorCode.ARCHIVE_ENTRY_NAME, tar().entry(latin("caf\u00e9"))),
                of("overlong UTF-8", ErrorCode.ARCHIVE_ENTRY_NAME, tar().entry(latin("..\u00c0\u00af..\u00c0\u00afx"))),
                of(
                        "a long part",
                        ErrorCode.ARCHIVE_NAME_TOO_LONG,
                        tar().pax("path=" + "x".repeat(256)).file("ok", "")),
                of(
                        "a long name",
                        ErrorCode.ARCHIVE_NAME_TOO_LONG,
                        tar().pax("path=" + "x/".repeat(1600)).file("ok", "")),
                of(
                        "a long GNU name",
                        ErrorCode.ARCHIVE_NAME_TOO_LONG,
                        tar().longName('L', "x".repeat(1_000_000)).file("ok", "")),
                of(
                        "a huge GNU name",
                        ErrorCode.ARCHIVE_NAME_TOO_LONG,
                        tar().entry(Tar.header("L", 'L').size(1L << 32))),
                of("too deep", ErrorCode.ARCHIVE_NAME_TOO_LONG, tar().file("1/2/3/4/5/6/7/8/9", "")));
    }

    private static List<Arguments> links() {
        return List.of(
                of(
                        "through a link",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().symlink("a", "/etc").file("a/x", "x")),
                of(
                        "through a link inside",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().directory("d").symlink("a", "d").file("a/x", "x")),
                of(
                        "through a link deep",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().symlink("p/a", "..").file("p/a/q/x", "x")),
                of(
                        "a link, then up",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().symlink("a", "/etc").file("a/../x", "x")),
                of(
                        "link through a link",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().symlink("a", ".").symlink("a/b", "..")),
                of(
                        "directory through a link",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().symlink("a", "..").directory("a/b")),
                of(
                        "dot through a link",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().symlink("a", "..").directory("a/.")),
                of("hard link out", ErrorCode.ARCHIVE_LINK_ESCAPE, tar().hardlink("a", "../x")),
                of("hard link to absolute", ErrorCode.ARCHIVE_LINK_ESCAPE, tar().hardlink("a", "/etc/passwd")),
                of(
                        "hard link through a link",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().symlink("l", "/etc").hardlink("a", "l/passwd")),
                of(
                        "PAX hard link out",
                        ErrorCode.ARCHIVE_LINK_ESCAPE,
                        tar().file("f", "").pax("linkpath=../x").hardlink("a", "f")),
                of(
                        "hard link to nothing",
                        ErrorCode.ARCHIVE_ENTRY_TYPE,
                        tar().hardlink("a", "b").file("b", "x")),
                of(
                        "hard link to a directory",
                        ErrorCode.ARCHIVE_ENTRY_TYPE,
                        tar().directory("d").hardlink("a", "d")),
                of("hard link to the root", ErrorCode.ARCHIVE_ENTRY_TYPE, tar().hardlink("a", ".")),
                of("link to nothing", ErrorCode.ARCHIVE_ENTRY_NAME, tar().symlink("a", "")),
                of(
                        "link with NUL",
                        ErrorCode.ARCHIVE_ENTRY_NAME,
                        tar().pax("linkpath=a\0b").symlink("a", "b")));
    }

    private static List<Arguments> kinds() {
        List<Arguments> cases = new ArrayList<>(List.of(
                of(
                        "directory to link",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().directory("a").symlink("a", "/etc")),
                of(
                        "implied directory to link",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().file("a/b", "").symlink("a", "/etc")),
                of(
                        "link to directory",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().symlink("a", "/etc").directory("a")),
                of(
                        "file to directory",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().file("a", "").directory("a/")),
                of(
                        "file used as directory",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().file("a", "").file("a/b", "")),
                of(
                        "link to file",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().symlink("a", "/etc/passwd").file("a", "x")),
                of(
                        "link to file, other spelling",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().symlink("a", "/etc/passwd").file("./x/..//a", "x")),
                of(
                        "file to link",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().file("a", "x").symlink("a", "b")),
                of(
                        "directory to hard link",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().file("f", "").directory("a").hardlink("a", "f")),
                of(
                        "link to hard link",
                        ErrorCode.ARCHIVE_DUPLICATE_ENTRY,
                        tar().file("f", "").symlink("a", "f").hardlink("a", "f"))));
        for (char type : new char[] {'3', '4', '6', '8', 'D', 'M', 'N', 'A', 'Z', 'X'}) {
            cases.add(of("type " + type, ErrorCode.ARCHIVE_ENTRY_TYPE, tar().entry(Tar.header("a", type))));
        }
        return cases;
    }

    private static List<Arguments> damage() {
        byte[] wrongSum = Tar.header("a", '0').bytes();
        wrongSum[150] ^= 1;
        byte[] zero = new byte[512];
        return List.of(
                of("checksum", ErrorCode.ARCHIVE_CORRUPT, tar().raw(wrongSum)),
                of(
                        "checksum later",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().file("ok", "x").raw(wrongSum)),
                bare("no end", ErrorCode.ARCHIVE_CORRUPT, tar().file("a", "x").bytes()),
                bare(
                        "half an end",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().file("a", "x").raw(zero).bytes()),
                bare(
                        "a lone zero block",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().raw(zero).file("a", "x").end()),
                bare(
                        "cut in content",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().raw(Tar.header("a", '0').size(1000).bytes())
                                .raw(zero)
                                .bytes()),
                bare(
                        "cut in padding",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().raw(Tar.header("a", '0').size(1).bytes())
                                .raw((byte) 'x')
                                .bytes()),
                bare(
                        "cut in a header",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().file("a", "x").raw(new byte[100]).bytes()),
                bare(
                        "cut in metadata",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().raw(Tar.header("a", 'x').size(1000).bytes()).bytes()),
                bare(
                        "trailing data",
                        ErrorCode.ARCHIVE_TRAILING_DATA,
                        tar().raw(tar().file("a", "x").end()).raw((byte) 1).bytes()),
                bare(
                        "a second tar",
                        ErrorCode.ARCHIVE_TRAILING_DATA,
                        tar().raw(tar().file("a", "x").end())
                                .raw(tar().file("b", "").end())
                                .bytes()),
                bare(
                        "trailing data after zeros",
                        ErrorCode.ARCHIVE_TRAILING_DATA,
                        tar().raw(tar().file("a", "x").end())
                                .raw(new byte[99_999])
                                .raw((byte) 1)
                                .bytes()),
                of("metadata and no entry", ErrorCode.ARCHIVE_CORRUPT, tar().pax("path=x")),
                of(
                        "size is no number",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '0').text(124, "0000000000x"))),
                of(
                        "negative size",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '0').latin(124, "\u00ff".repeat(12)))),
                of(
                        "endless size",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '0').latin(124, "\u0080" + "\u007f".repeat(11)))),
                of(
                        "time is no number",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '0').text(136, "yesterday"))),
                of(
                        "time out of reach",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '0').latin(136, "\u0080\0\0\0\0\u007f" + "\u00ff".repeat(6)))),
                of(
                        "mode is no number",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '0').text(100, "rwxr"))),
                of(
                        "link with content",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a", '2').link("b").size(3), (byte) 1, (byte) 2, (byte) 3)),
                of(
                        "directory with content",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().entry(Tar.header("a/", '0').size(1), (byte) 1)),
                of("PAX length too small", ErrorCode.ARCHIVE_CORRUPT, pax("3 a=b\n")),
                of("PAX length too large", ErrorCode.ARCHIVE_CORRUPT, pax("99 a=b\n")),
                of("PAX length huge", ErrorCode.ARCHIVE_CORRUPT, pax("99999999999999999999 a=b\n")),
                of("PAX length negative", ErrorCode.ARCHIVE_CORRUPT, pax("-6 a=b\n")),
                of("PAX without =", ErrorCode.ARCHIVE_CORRUPT, pax("6 abc\n")),
                of("PAX without newline", ErrorCode.ARCHIVE_CORRUPT, pax("6 a=bc")),
                of(
                        "PAX size and header's disagree",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("size=1024")
                                .entry(Tar.header("outer.tar", '0'))
                                .file("hidden", "")
                                .file("a", "")),
                of(
                        "header's size and a smaller PAX size disagree",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("size=0").file("a", "x")),
                of(
                        "PAX and GNU names disagree",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().longName('L', "one").pax("path=other").file("a", "")),
                of(
                        "PAX and GNU link targets disagree",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("linkpath=one").longName('K', "other").symlink("a", "b")),
                of(
                        "two GNU names disagree",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().longName('L', "one").longName('L', "other").file("a", "")),
                of("PAX size", ErrorCode.ARCHIVE_CORRUPT, tar().pax("size=-1").file("a", "")),
                of("PAX time", ErrorCode.ARCHIVE_CORRUPT, tar().pax("mtime=1e9").file("a", "")),
                of(
                        "PAX global path",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().meta('g', "path=x").file("a", "")));
    }

    private static List<Arguments> sparse() {
        return List.of(
                of(
                        "sparse out of order",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=100", "GNU.sparse.map=50,1,10,1")
                                .file("a", "xy")),
                of(
                        "sparse beyond the end",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=10", "GNU.sparse.map=9,2").file("a", "xy")),
                of(
                        "sparse overflow",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=10", "GNU.sparse.map=9,999999999999999999")
                                .file("a", "xy")),
                of(
                        "sparse other size",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=10", "GNU.sparse.map=0,1").file("a", "xy")),
                of(
                        "sparse odd",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=10", "GNU.sparse.map=0").file("a", "")),
                of(
                        "sparse without size",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.map=0,2").file("a", "xy")),
                of(
                        "sparse 1.0 without a map",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=2")
                                .file("a", "xy")),
                of(
                        "sparse 1.0 endless",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.major=1", "GNU.sparse.realsize=2").file("a", "1".repeat(600))),
                of(
                        "sparse in two forms",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax(
                                        "GNU.sparse.size=2",
                                        "GNU.sparse.offset=0",
                                        "GNU.sparse.numbytes=2",
                                        "GNU.sparse.map=0,2")
                                .file("a", "xy")),
                of(
                        "sparse with another number of parts",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=2", "GNU.sparse.numblocks=2", "GNU.sparse.map=0,2")
                                .file("a", "xy")),
                of(
                        "sparse 1.0 with a map in its records",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax(
                                        "GNU.sparse.major=1",
                                        "GNU.sparse.minor=0",
                                        "GNU.sparse.realsize=2",
                                        "GNU.sparse.map=0,2")
                                .file("a", "xy")),
                of(
                        "sparse of another version",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.major=2", "GNU.sparse.minor=0", "GNU.sparse.realsize=2")
                                .file("a", "0\n" + "\0".repeat(510))),
                of(
                        "sparse with an unknown record",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.other=1").file("a", "")),
                of(
                        "sparse in GNU's form and in PAX's",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=0")
                                .entry(Tar.header("a", 'S').gnu())),
                of(
                        "sparse link",
                        ErrorCode.ARCHIVE_CORRUPT,
                        tar().pax("GNU.sparse.size=10").symlink("a", "b")),
                of(
                        "sparse bomb",
                        ErrorCode.ARCHIVE_TOO_LARGE,
                        tar().pax("GNU.sparse.size=999999999999999999", "GNU.sparse.map=0,2")
                                .file("a", "xy")),
                of("sparse of star", ErrorCode.ARCHIVE_ENTRY_TYPE, tar().entry(Tar.header("a", 'S'))));
    }

    private static List<Arguments> limits() {
        Tar many = tar();
        Tar implied = tar();
        Tar metadata = tar();
        Tar globals = tar();
        for (int i = 0; i < 21; i++) {
            many.file("same", "");
            implied.file(i / 7 + "/" + i + "/x", "");
        }
        for (int i = 0; i < 2100; i++) {
            metadata.pax("comment=x");
            globals.meta('g', "comment=x");
        }
        return List.of(
                of("too many entries", ErrorCode.ARCHIVE_TOO_MANY_ENTRIES, many),
                of("too many implied directories", ErrorCode.ARCHIVE_TOO_MANY_ENTRIES, implied),
                of("too much metadata", ErrorCode.ARCHIVE_TOO_LARGE, metadata.file("a", "")),
                of("too many global headers", ErrorCode.ARCHIVE_TOO_LARGE, globals.file("a", "")),
                of(
                        "a giant PAX header",
                        ErrorCode.ARCHIVE_TOO_LARGE,
                        tar().entry(Tar.header("x", 'x').size(8L << 30))),
                of(
                        "too large, announced",
                        ErrorCode.ARCHIVE_TOO_LARGE,
                        tar().entry(Tar.header("a", '0').size(2 << 20))),
                of(
                        "too large in sum",
                        ErrorCode.ARCHIVE_TOO_LARGE,
                        tar().file("a", "x".repeat(600_000)).file("b", "x".repeat(600_000))),
                bare(
                        "endless padding",
                        ErrorCode.ARCHIVE_TOO_LARGE,
                        tar().raw(new byte[3 << 20]).bytes()));
    }

    @ParameterizedTest
    @EnumSource(Tar.Packing.class)
    void a_cut_archive_is_corrupt_wherever_it_was_cut(Tar.Packing packing) {
        byte[] whole = packing.pack(tar().directory("d")
                .pax("mtime=1.5")
                .file("d/f", "content\n".repeat(300))
                .end());
        for (int length = 0; length < whole.length; length += length < 200 ? 1 : 97) {
            byte[] cut = Arrays.copyOf(whole, length);
            SlipwayException refusal = catchThrowableOfType(SlipwayException.class, () -> read(cut, LIMITS));
            assertThat(refusal)
                    .as("%s cut at %d of %d", packing, length, whole.length)
                    .isNotNull();
            assertThat(refusal.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Tar.Packing.class, mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    void what_follows_the_compressed_part_is_trailing_data(Tar.Packing packing) {
        byte[] packed = packing.pack(tar().file("a", "x").end());
        for (byte[] tail :
                List.of("x".getBytes(StandardCharsets.UTF_8), "\0\0\0\0x".getBytes(StandardCharsets.UTF_8))) {
            SlipwayException refusal =
                    catchThrowableOfType(SlipwayException.class, () -> read(join(packed, tail), LIMITS));
            assertThat(refusal.code()).isEqualTo(ErrorCode.ARCHIVE_TRAILING_DATA);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Tar.Packing.class, mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    void a_flipped_bit_never_passes_silently_as_other_content(Tar.Packing packing) throws IOException {
        byte[] packed =
                packing.pack(tar().file("a", "some content, not too short").end());
        String good = read(packed, LIMITS).toString();
        for (int i = 0; i < packed.length; i++) {
            byte[] flipped = packed.clone();
            flipped[i] ^= 0x10;
            try {
                assertThat(read(flipped, LIMITS).toString()).isEqualTo(good);
            } catch (SlipwayException refusal) {
                assertThat(refusal.code()).isNotEqualTo(ErrorCode.INTERNAL);
            }
        }
    }

    static byte[] join(byte[]... parts) {
        Tar joined = tar();
        for (byte[] part : parts) {
            joined.raw(part);
        }
        return joined.bytes();
    }

    static List<String> read(byte[] archive, SourceLimits limits) throws IOException {
        List<String> seen = new ArrayList<>();
        try (ArchiveReader reader =
                new ArchiveReader(new ByteArrayInputStream(archive), limits, MemoryShare.unlimited())) {
            for (ArchiveEntry entry = reader.next(); entry != null; entry = reader.next()) {
                seen.add(entry.kind() + " " + reader.tree().path(entry.node()) + " "
                        + new String(entry.content().readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return seen;
    }

    private static Tar tar() {
        return new Tar();
    }

    private static Tar pax(String records) {
        byte[] bytes = records.getBytes(StandardCharsets.UTF_8);
        return tar().entry(Tar.header("x", 'x').size(bytes.length), bytes).file("a", "");
    }

    private static Tar.Header latin(String name) {
        return new Tar.Header(name.getBytes(StandardCharsets.ISO_8859_1), '0');
    }

    private static Arguments of(String what, ErrorCode code, Tar tar) {
        return bare(what, code, tar.end());
    }

    private static Arguments bare(String what, ErrorCode code, byte[] tar) {
        return Arguments.of(what, code, tar);
    }
}
