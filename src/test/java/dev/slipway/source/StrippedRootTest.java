package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives whose only directory at the top is the source's root. */
class StrippedRootTest {
    private static final Layout STRIPPED = new Layout(Optional.empty(), Optional.empty(), true);
    private static final String FROM = "FROM scratch\n";

    @TempDir
    Path directory;

    private Sources sources;
    private final UUID id = UUID.randomUUID();

    @BeforeEach
    void open() throws IOException {
        sources = new Sources(Limits.in(directory.resolve("store")));
    }

    @AfterEach
    void close() throws IOException {
        sources.close();
    }

    private StoredSource keep(Tar tar, Layout layout) throws IOException {
        try (SourceDraft draft = sources.draft(id)) {
            draft.archive(new ByteArrayInputStream(tar.end()));
            StoredSource stored = draft.finish(layout);
            draft.keep();
            return stored;
        }
    }

    private void refused(Tar tar, Layout layout, ErrorCode code) {
        SlipwayException refused = catchThrowableOfType(SlipwayException.class, () -> keep(tar, layout));
        assertThat(refused.code()).as(refused.getMessage()).isEqualTo(code);
        assertThat(sources.exists(id)).isFalse();
    }

    @Test
    void its_content_becomes_the_context() throws IOException {
        keep(
                new Tar()
                        .meta('g', "comment=0123456789")
                        .directory("app-1.0/")
                        .file("app-1.0/Dockerfile", FROM)
                        .symlink("app-1.0/link", "../outside")
                        .file("app-1.0/app-1.0/text", "text"),
                STRIPPED);
        Path into = directory.resolve("context");

        Dockerfile dockerfile = sources.unpack(id, STRIPPED, into);

        assertThat(dockerfile.path()).isEqualTo("Dockerfile");
        assertThat(into.resolve("Dockerfile")).hasContent(FROM.strip());
        assertThat(into.resolve("app-1.0/text")).hasContent("text");
        assertThat(into.resolve("link")).isSymbolicLink();
        assertThat(Files.getPosixFilePermissions(into)).hasSize(3);
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("context", "store");
        }
    }

    @Test
    void a_context_is_looked_for_in_it() throws IOException {
        Layout layout = new Layout(Optional.of("sub"), Optional.of("docker/file"), true);

        assertThat(keep(new Tar().file("top/sub/docker/file", FROM), layout)
                        .dockerfile()
                        .path())
                .isEqualTo("docker/file");
    }

    @Test
    void there_must_be_exactly_one_directory() {
        refused(new Tar(), STRIPPED, ErrorCode.DOCKERFILE_MISSING);
        refused(new Tar().file("Dockerfile", FROM), STRIPPED, ErrorCode.DOCKERFILE_MISSING);
        refused(new Tar().symlink("top", "."), STRIPPED, ErrorCode.DOCKERFILE_MISSING);
        refused(new Tar().file("a/Dockerfile", FROM).directory("b/"), STRIPPED, ErrorCode.DOCKERFILE_MISSING);
        refused(new Tar().file("a/Dockerfile", FROM).file("b", ""), STRIPPED, ErrorCode.DOCKERFILE_MISSING);
    }

    @Test
    void a_dockerfile_that_is_a_link_out_of_it_is_refused() {
        refused(
                new Tar().file("top/real", FROM).symlink("top/Dockerfile", "../top/real"),
                STRIPPED,
                ErrorCode.ARCHIVE_LINK_ESCAPE);
    }
}
