package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class SourcesTest {
    private static final String FROM = "FROM scratch\n";

    @TempDir
    Path directory;

    private Path store;
    private Sources sources;
    private final UUID id = UUID.randomUUID();

    @BeforeEach
    void open() throws IOException {
        store = directory.resolve("store");
        sources = new Sources(Limits.in(store));
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
    }

    @Test
    void a_kept_source_is_there_whole_until_it_is_deleted() throws Exception {
        byte[] archive = Tar.Packing.GZIP.pack(tar().end());
        StoredSource stored = keep(archive, Layout.DEFAULT);

        assertThat(stored.kind()).isEqualTo(SourceKind.ARCHIVE);
        assertThat(stored.size()).isEqualTo(archive.length);
        assertThat(stored.sha256()).isEqualTo(sha256(archive));
        assertThat(stored.dockerfile().text()).isEqualTo(FROM);
        assertThat(sources.exists(id)).isTrue();
        assertThat(store.resolve(id.toString()).resolve("source")).hasBinaryContent(archive);
        assertThat(sources.stage(id)).isEqualTo(store.resolve(id.toString()).resolve("stage"));

        sources.delete(id);
        sources.delete(id);
        assertThat(sources.exists(id)).isFalse();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void a_deleted_source_takes_its_stage_with_it() throws IOException {
        keep(tar().end(), Layout.DEFAULT);
        Files.createDirectories(sources.stage(id).resolve("blobs/sha256"));
        Files.writeString(sources.stage(id).resolve("blobs/sha256/x"), "x");
        sources.delete(id);
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void a_draft_that_is_not_kept_leaves_nothing() throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(in(tar().end()));
            draft.finish(Layout.DEFAULT);
        }
        assertThat(sources.exists(id)).isFalse();
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void of_two_drafts_of_one_build_the_first_is_kept() throws IOException {
        byte[] archive = tar().end();
        try (SourceDraft first = sources.draft(id);
                SourceDraft second = sources.draft(id)) {
            second.archive(in(tar().file("second", "").end()));
            second.finish(Layout.DEFAULT);
            first.archive(in(archive));
            first.finish(Layout.DEFAULT);
            first.keep();
            assertThatThrownBy(second::keep).isInstanceOf(IllegalStateException.class);
        }
        assertThat(store.resolve(id.toString()).resolve("source")).hasBinaryContent(archive);
        sources.delete(id);
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void a_refused_archive_leaves_nothing() throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            assertCode(
                    ErrorCode.ARCHIVE_PATH_ESCAPE,
                    () -> draft.archive(in(tar().file("../x", "").end())));
            assertThatThrownBy(() -> draft.finish(Layout.DEFAULT)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(draft::keep).isInstanceOf(IllegalStateException.class);
        }
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void a_broken_connection_comes_out_as_what_it_is() throws IOException {
        InputStream broken = new SequenceInputStream(in(Arrays.copyOf(tar().end(), 700)), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        });
        try (SourceDraft draft = sources.draft(id)) {
            assertThatThrownBy(() -> draft.archive(broken))
                    .isInstanceOf(IOException.class)
                    .hasMessage("connection reset");
        }
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void a_draft_takes_one_source() throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(in(tar().end()));
            assertThatThrownBy(() -> draft.archive(in(tar().end()))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> draft.dockerfile(in(FROM))).isInstanceOf(IllegalStateException.class);
        }
        try (SourceDraft draft = sources.draft(id)) {
            draft.dockerfile(in(FROM));
            assertThatThrownBy(() -> draft.dockerfile(in(FROM))).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> draft.archive(in(tar().end()))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void a_source_that_is_too_large_as_it_arrives_is_refused() throws IOException {
        Sources small = new Sources(Limits.in(store).stored(4096));
        try (SourceDraft draft = small.draft(id)) {
            assertCode(
                    ErrorCode.ARCHIVE_TOO_LARGE,
                    () -> draft.archive(in(tar().file("x", "x".repeat(9999)).end())));
        }
        try (SourceDraft draft = small.draft(id)) {
            draft.dockerfile(in(FROM));
            draft.file("a", in("x".repeat(3000)));
            assertCode(ErrorCode.ARCHIVE_TOO_LARGE, () -> draft.file("b", in("x".repeat(3000))));
        }
        small.close();
    }

    @Test
    void a_full_disk_is_told_before_anything_arrives() throws IOException {
        Sources full = new Sources(Limits.in(store).free(Long.MAX_VALUE));
        assertCode(ErrorCode.STORAGE_FULL, () -> full.draft(id));
        full.close();
        keep(tar().end(), Layout.DEFAULT);
        Sources fullLater = new Sources(Limits.in(store).free(Long.MAX_VALUE));
        assertCode(ErrorCode.STORAGE_FULL, () -> fullLater.unpack(id, Layout.DEFAULT, directory.resolve("x")));
        fullLater.close();
    }

    @Test
    void a_dockerfile_with_files_is_one_archive_whose_hash_depends_on_the_content_alone() throws Exception {
        String longName = "deep/" + "n".repeat(150) + "/ünïcödé";
        StoredSource one = bundle(id, List.of("b", longName, "a"));
        UUID other = UUID.randomUUID();
        StoredSource two = bundle(other, List.of(longName, "a", "b"));

        assertThat(one.kind()).isEqualTo(SourceKind.DOCKERFILE);
        assertThat(one.sha256()).isEqualTo(two.sha256());
        assertThat(one.size())
                .isEqualTo(Files.size(store.resolve(other.toString()).resolve("source")));
        assertThat(one.dockerfile().text()).isEqualTo(FROM);

        Path into = directory.resolve("context");
        assertThat(sources.unpack(id, Layout.DEFAULT, into).text()).isEqualTo(FROM);
        assertThat(into.resolve(longName)).hasContent(longName);
        Process gnu = new ProcessBuilder(
                        "tar",
                        "-tf",
                        store.resolve(id.toString()).resolve("source").toString())
                .redirectErrorStream(true)
                .start();
        gnu.getInputStream().readAllBytes();
        assertThat(gnu.waitFor()).isZero();
    }

    private StoredSource bundle(UUID build, List<String> names) throws IOException {
        try (SourceDraft draft = sources.draft(build)) {
            draft.dockerfile(in(FROM));
            for (String name : names) {
                draft.file(name, in(name));
            }
            StoredSource stored = draft.finish(Layout.DEFAULT);
            draft.keep();
            assertThat(Files.list(store.resolve(build.toString()))).hasSize(1);
            return stored;
        }
    }

    @Test
    void a_dockerfile_goes_where_the_layout_looks_for_it() throws IOException {
        Layout layout = layout("app", "docker/prod.Dockerfile");
        try (SourceDraft draft = sources.draft(id)) {
            draft.file("app/x", in("x"));
            draft.dockerfile(in(FROM));
            assertThat(draft.finish(layout).dockerfile().path()).isEqualTo("docker/prod.Dockerfile");
            draft.keep();
        }
        Path into = directory.resolve("context");
        sources.unpack(id, layout, into);
        assertThat(into.resolve("app/docker/prod.Dockerfile")).hasContent(FROM);
    }

    @Test
    void the_names_of_files_beside_a_dockerfile_are_judged_too() throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.file("a", in("x"));
            assertCode(ErrorCode.REQUEST_INVALID, () -> draft.file("./a", in("x")));
            assertCode(ErrorCode.ARCHIVE_PATH_ESCAPE, () -> draft.file("../x", in("x")));
            assertCode(ErrorCode.ARCHIVE_PATH_ESCAPE, () -> draft.file("/x", in("x")));
            assertCode(ErrorCode.ARCHIVE_ENTRY_NAME, () -> draft.file("", in("x")));
            assertCode(ErrorCode.ARCHIVE_ENTRY_NAME, () -> draft.file("d/", in("x")));
            draft.file("Dockerfile", in("x"));
            draft.dockerfile(in(FROM));
            assertCode(ErrorCode.REQUEST_INVALID, () -> draft.finish(Layout.DEFAULT));
        }
        try (SourceDraft draft = sources.draft(id)) {
            draft.dockerfile(in(FROM));
            draft.file("a", in("x"));
            draft.file("a/b", in("x"));
            assertCode(ErrorCode.ARCHIVE_DUPLICATE_ENTRY, () -> draft.finish(Layout.DEFAULT));
        }
    }

    @Test
    void the_dockerfile_is_found_as_the_builder_will_find_it() throws IOException {
        assertThat(judge(new Tar().file("Containerfile", FROM), Layout.DEFAULT).path())
                .isEqualTo("Containerfile");
        assertThat(judge(new Tar().file("Containerfile", "FROM x").file("Dockerfile", FROM), Layout.DEFAULT)
                        .text())
                .isEqualTo(FROM);
        assertThat(judge(new Tar().file("sub/Dockerfile", FROM), layout("./sub/", null))
                        .path())
                .isEqualTo("Dockerfile");
        assertThat(judge(new Tar().file("any", FROM), layout(null, "any")).text())
                .isEqualTo(FROM);
        assertThat(judge(new Tar().file("x", FROM).hardlink("Dockerfile", "x").file("x", "no"), Layout.DEFAULT)
                        .text())
                .isEqualTo(FROM);
        assertThat(judge(new Tar().file("Dockerfile", "FROM x").file("Dockerfile", FROM), Layout.DEFAULT)
                        .text())
                .isEqualTo(FROM);
        assertThat(judge(
                                new Tar()
                                        .file("s/real", FROM)
                                        .symlink("s/deep", "../t")
                                        .symlink("t", "s/.")
                                        .symlink("s/Dockerfile", "deep/../s/real"),
                                layout("s", null))
                        .text())
                .isEqualTo(FROM);
    }

    @Test
    void a_missing_dockerfile_or_context_is_told() {
        assertMissing(new Tar().file("x", ""), Layout.DEFAULT);
        assertMissing(new Tar().directory("Dockerfile"), Layout.DEFAULT);
        assertMissing(new Tar().symlink("Dockerfile", "nowhere"), Layout.DEFAULT);
        assertMissing(tar(), layout(null, "other"));
        assertMissing(tar(), layout("nowhere", null));
        assertMissing(tar(), layout("Dockerfile", null));
    }

    private void assertMissing(Tar tar, Layout layout) {
        assertCode(ErrorCode.DOCKERFILE_MISSING, () -> judge(tar, layout));
    }

    @Test
    void a_dockerfile_or_ignore_file_that_leads_out_of_the_tree_is_refused() {
        for (String name : List.of("Dockerfile", ".dockerignore", ".containerignore", "Dockerfile.dockerignore")) {
            for (String target : List.of("/etc/passwd", "../x", "d/../../x", "up/x", name)) {
                Tar tar = new Tar().symlink("up", "..").directory("d").symlink(name, target);
                if (!name.equals("Dockerfile")) {
                    tar.file("Dockerfile", FROM);
                }
                assertCode(ErrorCode.ARCHIVE_LINK_ESCAPE, () -> judge(tar, Layout.DEFAULT));
            }
        }
        assertCode(ErrorCode.ARCHIVE_LINK_ESCAPE, () -> judge(tar().symlink("c", "/etc"), layout("c", null)));
    }

    @Test
    void a_dockerfile_that_is_no_text_too_large_or_preprocessed_is_refused() {
        assertCode(ErrorCode.DOCKERFILE_POLICY, () -> judge(new Tar().file("Dockerfile", "# nothing"), Layout.DEFAULT));
        assertCode(
                ErrorCode.DOCKERFILE_POLICY,
                () -> judge(new Tar().file("Dockerfile.in", FROM), layout(null, "Dockerfile.in")));
        assertCode(
                ErrorCode.DOCKERFILE_POLICY,
                () -> judge(new Tar().file("Dockerfile", FROM + "#".repeat(1 << 20)), Layout.DEFAULT));
        assertCode(
                ErrorCode.DOCKERFILE_POLICY,
                () -> judge(new Tar().entry(Tar.header("Dockerfile", '0').size(1), (byte) 0xff), Layout.DEFAULT));
    }

    @Test
    void a_layout_is_made_of_plain_paths() {
        for (String path : List.of("/x", "../x", "a/../b", "a\nb")) {
            assertCode(ErrorCode.REQUEST_INVALID, () -> layout(path, null));
            assertCode(ErrorCode.REQUEST_INVALID, () -> layout(null, path));
        }
        assertCode(ErrorCode.REQUEST_INVALID, () -> layout(null, ""));
        assertCode(ErrorCode.REQUEST_INVALID, () -> layout(null, "d/"));
        assertCode(ErrorCode.REQUEST_INVALID, () -> layout(" ", null));
        assertThat(layout(".", null).contextParts()).isEmpty();
    }

    @Test
    void unpacking_needs_a_fresh_directory_and_a_source() throws IOException {
        assertCode(ErrorCode.SOURCE_GONE, () -> sources.unpack(id, Layout.DEFAULT, directory.resolve("gone")));
        keep(tar().end(), Layout.DEFAULT);
        Path used = Files.createDirectory(directory.resolve("used"));
        Files.writeString(used.resolve("x"), "x");
        assertThatThrownBy(() -> sources.unpack(id, Layout.DEFAULT, used)).isInstanceOf(IllegalStateException.class);
        Path link =
                Files.createSymbolicLink(directory.resolve("link"), Files.createDirectory(directory.resolve("target")));
        assertThatThrownBy(() -> sources.unpack(id, Layout.DEFAULT, link)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void what_a_dead_process_left_is_removed_and_what_a_living_one_has_is_not() throws Exception {
        Path incoming = store.resolve(".incoming");
        Path dead = Files.createDirectories(incoming.resolve("dead/draft"));
        Files.writeString(dead.resolve("source"), "half");
        Files.createFile(incoming.resolve("dead.lock"));
        Path living = Files.createDirectories(incoming.resolve("living/draft"));
        Path lock = Files.createFile(incoming.resolve("living.lock"));
        // Another process, as another replica would be.
        Process holder = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.lockf(f,fcntl.LOCK_EX); print('held',flush=True); sys.stdin.read()",
                        lock.toString())
                .start();
        try (SourceDraft draft = sources.draft(id)) {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            draft.archive(in(tar().end()));
            new Sources(Limits.in(store)).close();
            assertThat(incoming.resolve("dead")).doesNotExist();
            assertThat(living).exists();
            draft.finish(Layout.DEFAULT);
            draft.keep();
        } finally {
            holder.destroy();
            holder.waitFor();
        }
        new Sources(Limits.in(store)).close();
        assertThat(incoming.resolve("living")).doesNotExist();
        assertThat(sources.exists(id)).isTrue();
    }

    @Test
    void nonsense_in_the_configuration_is_named() {
        assertThatThrownBy(() -> new Sources(Limits.in(store).entries(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slipway.source.max-entries");
    }

    @Test
    void a_decoders_memory_is_given_back_with_the_archive_and_taken_again_to_read_it_again() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(packed, new LZMA2Options(6))) { // 8 MiB of dictionary
            xz.write(new Tar().file("app.df", FROM).end());
        }
        MemoryBudget budget = new MemoryBudget(24 << 20, Duration.ZERO);
        try (SourceDraft draft =
                new SourceDraft(id, directory.resolve("draft"), directory.resolve("kept"), Limits.in(store), budget)) {
            long before = budget.taken();
            draft.archive(in(packed.toByteArray()));
            assertThat(budget.taken() - before).isLessThan(64 * 1024);
            draft.finish(layout(null, "app.df"));
            assertThat(budget.taken() - before).isBetween(FROM.length() * 48L, 64 * 1024L);
        }
        assertThat(budget.taken()).isZero();
    }

    @Test
    void a_source_idles_from_where_it_was_kept_and_not_from_its_last_byte() throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(in(tar().end()));
            draft.finish(Layout.DEFAULT);
            FileTime then = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
            try (Stream<Path> all = Files.walk(store.resolve(".incoming"))) {
                for (Path each : all.toList()) {
                    Files.setLastModifiedTime(each, then);
                }
            }
            draft.keep();
        }
        assertThat(sources.kept()).singleElement().satisfies(kept -> assertThat(kept.idle())
                .isLessThan(Duration.ofHours(1)));
        assertThat(Files.list(store.resolve(id.toString()))).hasSize(1);
    }

    @Test
    void a_source_that_is_gone_or_cannot_be_read_does_not_hide_the_others() throws IOException {
        keep(tar().end(), Layout.DEFAULT);
        Path unreadable = Files.createDirectory(store.resolve(UUID.randomUUID().toString()));
        Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("---------"));
        try {
            assertThat(sources.kept()).extracting(KeptSource::build).containsExactly(id);
        } finally {
            Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("rwx------"));
        }
        Inventory inventory = new Inventory(store, Inventory.now(store));
        assertThat(inventory.measure(id, store.resolve(id.toString()))).isPresent();
        assertThat(inventory.measure(id, store.resolve("gone"))).isEmpty();
    }

    @Test
    void a_blank_mark_names_nobody_and_of_two_databases_one_gets_it() throws Exception {
        for (byte[] torn : List.of(new byte[0], new byte[37], "\n".getBytes(StandardCharsets.US_ASCII))) {
            Files.write(sources.ownerMark(), torn);
            UUID database = UUID.randomUUID();
            assertThat(sources.belongTo(database)).isTrue();
            assertThat(sources.belongTo(UUID.randomUUID())).isFalse();
            assertThat(sources.ownerMark()).hasContent(database + "\n");
        }
        Files.writeString(sources.ownerMark(), "somebody else's");
        assertThat(sources.belongTo(id)).isFalse();
        assertThat(sources.ownerMark()).hasContent("somebody else's");

        Files.delete(sources.ownerMark());
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> claims = Stream.<Callable<Boolean>>generate(
                            () -> () -> new OwnerMark(store).claim(UUID.randomUUID()))
                    .limit(8)
                    .toList();
            int won = 0;
            for (Future<Boolean> claim : pool.invokeAll(claims)) {
                won += claim.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
    }

    private StoredSource keep(byte[] archive, Layout layout) throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(in(archive));
            StoredSource stored = draft.finish(layout);
            draft.keep();
            return stored;
        }
    }

    /** What the intake reads has to be what the unpacking reads. */
    private Dockerfile judge(Tar tar, Layout layout) throws IOException {
        Dockerfile dockerfile = keep(tar.end(), layout).dockerfile();
        Path into = directory.resolve(UUID.randomUUID().toString());
        assertThat(sources.unpack(id, layout, into).text()).isEqualTo(dockerfile.text());
        sources.delete(id);
        return dockerfile;
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> all = Files.walk(store)) {
            return all.filter(path -> !path.equals(store)
                            && !path.equals(store.resolve(".incoming"))
                            && !path.getParent().equals(store.resolve(".incoming")))
                    .toList();
        }
    }

    private static Tar tar() {
        return new Tar().file("Dockerfile", FROM);
    }

    private static Layout layout(String context, String dockerfile) {
        return new Layout(Optional.ofNullable(context), Optional.ofNullable(dockerfile));
    }

    private static void assertCode(ErrorCode code, ThrowingCallable call) {
        SlipwayException refusal = catchThrowableOfType(SlipwayException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.code()).as(refusal.getMessage()).isEqualTo(code);
    }

    private static InputStream in(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static InputStream in(String text) {
        return in(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
