package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GnuTarRoundTripTest {
    /** Path, kind, permissions, nanoseconds, link target, size; files also link count and content. */
    private static final String LISTING = "find . -mindepth 1 -printf '%p %y %m %T@ %l ' "
            + "\\( -type f -printf '%s %n ' -exec sha256sum {} \\; -o -printf '\\n' \\) | LC_ALL=C sort";

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    @BeforeAll
    static void an_ordinary_tree() throws Exception {
        shell(shared, """
                mkdir tree && cd tree
                echo 'FROM scratch' > Dockerfile
                mkdir -p src/deep/er empty node_modules/.bin
                echo one > src/one; ln src/one src/deep/same; ln src/one hard
                ln -s one src/link; ln -s /etc/passwd absolute; ln -s ../../nowhere dangling; ln -s . self
                mkdir copied && cp -al src/link copied/hardlinked-link
                ln src/link node_modules/.bin/link
                long=$(printf 'n%.0s' $(seq 120)); mkdir -p "$long/$long"; echo long > "$long/$long/$long"
                ln -s "$long/$long/$long" longlink; ln "$long/$long/$long" longhard
                echo x > 'with space'; echo x > 'quote"'\\'; echo x > ünïcödé; echo x > ./-rf
                printf 'no newline' > src/exact; : > src/empty
                head -c 512 /dev/urandom > src/block; head -c 100000 /dev/urandom > src/random
                truncate -s 3M sparse; printf data | dd of=sparse bs=1 seek=1000000 conv=notrunc 2>/dev/null
                truncate -s 1M holes; truncate -s 2M ends; printf x | dd of=ends bs=1 seek=2097151 conv=notrunc 2>/dev/null
                for i in $(seq 1 2 60); do printf $i | dd of=many bs=1 seek=${i}00000 conv=notrunc 2>/dev/null; done
                chmod 0640 src/one; chmod 0755 src/block; chmod 0604 src/random; chmod 0751 src/deep; chmod 0777 empty
                find . -exec touch -h -d '2021-03-04 05:06:07.123456789' {} +
                touch -d '1969-12-31 23:59:58 UTC' src/exact; touch -d '2033-05-18 03:33:20' src
                """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=v7 --exclude=n* --exclude=long*",
                "--format=ustar",
                "--format=oldgnu",
                "--format=gnu",
                "--format=posix",
                "--format=gnu --sparse",
                "--format=posix --sparse",
                "--format=posix --sparse --sparse-version=0.0",
                "--format=posix --sparse --sparse-version=0.1",
                "--format=gnu --sparse -z",
                "--format=posix --sparse -j",
                "--format=posix --sparse -J",
                "--format=posix --sparse --zstd",
                "--format=gnu --label=a-label -b 100",
                "--format=posix --hard-dereference",
                "--format=posix --xattrs --acls --selinux"
            })
    void an_ordinary_tree_comes_out_as_tar_would_have_it(String options) throws Exception {
        Path archive = directory.resolve("archive");
        // ustar and v7 cannot hold every name; what they leave out, both sides lack.
        shell(shared, "cd tree && tar " + options + " --sort=name -cf '" + archive + "' . || [ $? = 2 ]");
        Path expected = Files.createDirectory(directory.resolve("expected"));
        shell(expected, "umask 0; tar -xpf '" + archive + "'");
        Path actual = directory.resolve("actual");
        unpack(archive, actual);
        assertThat(list(actual)).isEqualTo(list(expected));
    }

    @Test
    void holes_stay_holes() throws Exception {
        Path archive = directory.resolve("archive");
        shell(shared, "cd tree && tar --sparse -cf '" + archive + "' .");
        unpack(archive, directory.resolve("actual"));
        assertThat(shell(
                        directory,
                        "du -sk actual/sparse actual/holes actual/ends | awk '{ sum += $1 } END { print sum < 200 }'"))
                .isEqualTo("1\n");
    }

    @Test
    void the_last_of_two_files_wins_and_earlier_hard_links_keep_the_first() throws Exception {
        Path archive = directory.resolve("archive");
        shell(directory, """
                mkdir t && cd t && echo 'FROM scratch' > Dockerfile && echo first > a && ln a b
                tar -cf ../archive Dockerfile a b
                rm a && echo second > a && echo third > Dockerfile && tar -rf ../archive a
                ln -s x l && tar -rf ../archive l && ln -sfn y l && tar -rf ../archive l && mkdir d && tar -rf ../archive d d
                """);
        Path expected = Files.createDirectory(directory.resolve("expected"));
        shell(expected, "tar -xpf ../archive");
        unpack(archive, directory.resolve("actual"));
        assertThat(list(directory.resolve("actual"))).isEqualTo(list(expected));
        assertThat(Files.readString(directory.resolve("actual/b"))).isEqualTo("first\n");
    }

    @Test
    void special_modes_are_dropped_and_everything_stays_ours() throws Exception {
        byte[] tar = new Tar()
                .entry(Tar.header("setuid", '0').mode(06755))
                .entry(Tar.header("locked", '0').mode(0))
                .entry(Tar.header("sticky", '5').mode(01222))
                .entry(Tar.header("sticky/f", '0').mode(0111))
                .file("Dockerfile", "FROM scratch")
                .end();
        Path archive = Files.write(directory.resolve("archive"), tar);
        unpack(archive, directory.resolve("actual"));
        assertThat(shell(directory.resolve("actual"), "stat -c '%a %n' setuid locked sticky sticky/f"))
                .isEqualTo("755 setuid\n600 locked\n722 sticky\n711 sticky/f\n");
    }

    @Test
    void directories_that_are_only_implied_are_the_same_every_time() throws Exception {
        byte[] tar = new Tar()
                .file("a/b/Dockerfile", "FROM scratch")
                .symlink("c/l", "x")
                .end();
        Path archive = Files.write(directory.resolve("archive"), tar);
        unpack(archive, directory.resolve("actual"), "a/b/Dockerfile");
        assertThat(shell(directory, "stat -c '%a %Y' actual/a actual/a/b actual/c actual"))
                .isEqualTo("755 0\n755 0\n755 0\n700 0\n");
    }

    @Test
    void times_before_1970_and_beyond_all_reason_do_no_harm() throws Exception {
        byte[] tar = new Tar()
                .pax("mtime=-1.75")
                .file("old", "")
                .pax("mtime=-99999999999999")
                .file("ancient", "")
                .pax("mtime=99999999999999.5")
                .file("far", "")
                .pax("mtime=99999999999999.5")
                .symlink("farlink", "far")
                .pax("mtime=-99999999999999.5")
                .directory("ancientdir")
                .file("Dockerfile", "FROM scratch")
                .end();
        Path archive = Files.write(directory.resolve("archive"), tar);
        unpack(archive, directory.resolve("actual"));
        assertThat(shell(directory, "stat -c %Y actual/old")).isEqualTo("-2\n");
    }

    private void unpack(Path archive, Path into) throws IOException {
        unpack(archive, into, "Dockerfile");
    }

    private void unpack(Path archive, Path into, String dockerfile) throws IOException {
        Sources sources = new Sources(Limits.in(directory.resolve("store")));
        Layout layout = new Layout(Optional.empty(), Optional.of(dockerfile));
        UUID id = UUID.randomUUID();
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(new ByteArrayInputStream(Files.readAllBytes(archive)));
            draft.finish(layout);
            draft.keep();
        }
        sources.unpack(id, layout, into);
        sources.close();
    }

    private static String list(Path tree) throws Exception {
        return shell(tree, LISTING);
    }

    static String shell(Path directory, String script) throws Exception {
        Path output = Files.createTempFile("shell", ".out");
        Process process = new ProcessBuilder("sh", "-euc", script)
                .directory(directory.toFile())
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(script).isZero();
        String text = Files.readString(output);
        Files.delete(output);
        return text;
    }
}
