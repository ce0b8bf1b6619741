package dev.slipway.source;

import static dev.slipway.source.GnuTarRoundTripTest.shell;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tar programs write of ordinary trees is accepted, and unpacks as {@code tar -x} unpacks it. */
class TarProducersTest {
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 25);
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    @TempDir
    Path directory;

    private Path tree;
    private Path archive;
    private Sources sources;

    @BeforeEach
    void open() throws IOException {
        tree = Files.createDirectory(directory.resolve("tree"));
        archive = directory.resolve("archive");
        sources = new Sources(Limits.in(directory.resolve("store")));
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
    }

    @Test
    void whatever_gnu_tar_writes_of_an_ordinary_tree() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(SEED * 1_000_081 + round);
            boolean old = random.nextInt(3) == 0;
            RandomTree made = new RandomTree(random, tree, old);
            String command = "tar " + options(random, old) + " -cf ../archive " + files(random, made);
            try {
                shell(tree, command);
                unpacksAsTarUnpacks("Dockerfile");
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("round " + round + " of seed " + SEED + ": " + command, e);
            }
            DirectoryTree.delete(tree);
            Files.createDirectory(tree);
        }
    }

    private static String options(Random random, boolean old) {
        List<String> formats = old
                ? List.of("--format=v7", "--format=ustar")
                : List.of(
                        "--format=gnu",
                        "--format=oldgnu",
                        "--format=posix",
                        "--format=gnu --sparse",
                        "--format=pax --sparse",
                        "--format=pax --sparse --sparse-version=0.0",
                        "--format=pax --sparse --sparse-version=0.1",
                        "--format=pax --xattrs --pax-option=globexthdr.name=g,comment=global,delete=atime");
        String option = formats.get(random.nextInt(formats.size()));
        for (String more : List.of("--hard-dereference", "--sparse --hole-detection=raw", "--owner=root:0", "-b 3")) {
            boolean fits = !old || !more.startsWith("--sparse");
            option += fits && random.nextInt(5) == 0 ? " " + more : "";
        }
        return option + Arrays.asList("", " -z", " -j", " -J", " --zstd").get(random.nextInt(5));
    }

    private String files(Random random, RandomTree made) throws IOException {
        if (random.nextBoolean()) {
            return ".";
        }
        List<Path> shuffled = new ArrayList<>(made.all());
        Collections.shuffle(shuffled, random);
        // tar itself gives a directory its time only where that comes before what is in it
        shuffled.sort(Comparator.comparingInt(path ->
                Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? made.all().indexOf(path) : Integer.MAX_VALUE));
        String list = shuffled.stream()
                .map(path -> (random.nextBoolean() ? "./" : "") + tree.relativize(path) + "\0")
                .collect(Collectors.joining());
        Files.writeString(directory.resolve("list"), list);
        return "--no-recursion --null --verbatim-files-from -T ../list";
    }

    @ParameterizedTest
    @ValueSource(strings = {"USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"})
    void pythons_tarfile(String format) throws Exception {
        new RandomTree(new Random(SEED), tree, format.startsWith("USTAR"));
        for (String packing : List.of("", "gz", "bz2", "xz")) {
            shell(
                    directory,
                    "python3 -c 'import tarfile; t = tarfile.open(\"archive\", \"w:" + packing + "\", format=tarfile."
                            + format + "); t.add(\"tree\", \".\"); t.close()'");
            unpacksAsTarUnpacks("Dockerfile");
        }
    }

    @Test
    void busybox_tar() throws Exception {
        new RandomTree(new Random(SEED), tree, true);
        shell(tree, "busybox tar -czf ../archive .");
        unpacksAsTarUnpacks("Dockerfile");
    }

    @Test
    void git_archive() throws Exception {
        new RandomTree(new Random(SEED), tree, false);
        shell(
                tree,
                "git init -q . && git add -A && git -c user.name=n -c user.email=e commit -qm m"
                        + " && git archive --format=tar.gz --prefix=project-1.0/ HEAD > ../archive");
        unpacksAsTarUnpacks("project-1.0/Dockerfile");
    }

    @ParameterizedTest
    @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void commons_compress(int longFiles) throws Exception {
        RandomTree made = new RandomTree(new Random(SEED), tree, false);
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(archive), "UTF-8")) {
            out.setLongFileMode(longFiles);
            boolean posix = longFiles == TarArchiveOutputStream.LONGFILE_POSIX;
            out.setBigNumberMode(
                    posix ? TarArchiveOutputStream.BIGNUMBER_POSIX : TarArchiveOutputStream.BIGNUMBER_STAR);
            out.setAddPaxHeadersForNonAsciiNames(posix);
            for (Path path : made.all()) {
                if (!Files.isSymbolicLink(path)) {
                    TarArchiveEntry entry = new TarArchiveEntry(
                            path.toFile(), tree.relativize(path).toString());
                    out.putArchiveEntry(entry);
                    if (entry.isFile()) {
                        Files.copy(path, out);
                    }
                    out.closeArchiveEntry();
                }
            }
        }
        unpacksAsTarUnpacks("Dockerfile");
    }

    /** As Go's archive/tar writes for Docker's clients: extended attributes and three times for each entry. */
    @Test
    void the_docker_command() throws Exception {
        String[] records = {
            "atime=1700000000.000000001",
            "ctime=1700000000.123456789",
            "mtime=1600000000.987654321",
            "SCHILY.xattr.security.capability=\1\0\0\2\0\4\0\0\0",
            "SCHILY.xattr.user.a=b",
            "LIBARCHIVE.creationtime=1700000000.5"
        };
        byte[] tar = new Tar()
                .meta('g', "comment=all of them")
                .pax(records)
                .file("Dockerfile", "FROM scratch\n")
                .pax(records)
                .directory("d/")
                .pax(records)
                .file("d/tool", "x")
                .pax("linkpath=" + "l".repeat(120), records[2])
                .symlink("d/long", "l".repeat(100))
                .end();
        Files.write(archive, tar);
        unpacksAsTarUnpacks("Dockerfile");
    }

    private void unpacksAsTarUnpacks(String dockerfile) throws Exception {
        Path expected = Files.createDirectory(directory.resolve("expected"));
        shell(
                expected,
                "tar -xPpf ../archive --no-same-owner --warning=no-timestamp"
                        + " --warning=no-unknown-keyword --delay-directory-restore"
                        + "; find . -type f -exec chmod u+rw,ug-s,-t {} +; find . -type d -exec chmod u+rwx,ug-s,-t {} +");
        Layout layout = new Layout(Optional.empty(), Optional.of(dockerfile));
        UUID id = UUID.randomUUID();
        try (InputStream in = Files.newInputStream(archive);
                SourceDraft draft = sources.draft(id)) {
            draft.archive(in);
            draft.finish(layout);
            draft.keep();
        }
        Path actual = directory.resolve("actual");
        sources.unpack(id, layout, actual);
        assertThat(TreeListing.of(actual).entrySet())
                .containsExactlyElementsOf(TreeListing.of(expected).entrySet());
        DirectoryTree.delete(expected);
        DirectoryTree.delete(actual);
        sources.delete(id);
    }
}
