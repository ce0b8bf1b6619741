package dev.slipway.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VaultTest {
    private static final Secret SECRET = Secret.of("hünter2");
    private static final byte[] ROW = "row 1".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    private Vault vault;

    @BeforeEach
    void make() {
        vault = Vault.withOwnKeyIn(directory.resolve("key"));
    }

    @Test
    void what_was_sealed_opens_again_also_after_a_restart() {
        byte[] sealed = vault.seal(SECRET, ROW);
        assertThat(vault.open(sealed, ROW)).isEqualTo(SECRET);
        assertThat(Vault.withKeyIn(directory.resolve("key")).open(sealed, ROW)).isEqualTo(SECRET);
    }

    @Test
    void nothing_of_the_secret_shows_and_no_two_seals_are_alike() {
        byte[] sealed = vault.seal(SECRET, ROW);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("nter2");
        assertThat(sealed).isNotEqualTo(vault.seal(SECRET, ROW));
    }

    @Test
    void a_mark_is_the_same_for_the_same_secret_under_the_same_key_alone() {
        String mark = vault.mark(SECRET);
        assertThat(mark).matches("[0-9a-f]{64}");
        assertThat(Vault.withKeyIn(directory.resolve("key")).mark(SECRET)).isEqualTo(mark);
        assertThat(vault.mark(Secret.of(SECRET.reveal() + "x"))).isNotEqualTo(mark);
        assertThat(Vault.withOwnKeyIn(directory.resolve("another-key")).mark(SECRET))
                .isNotEqualTo(mark);
    }

    @Test
    void every_changed_byte_is_noticed() {
        byte[] sealed = vault.seal(SECRET, ROW);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> vault.open(changed, ROW)).isInstanceOf(UnsealableException.class);
        }
    }

    @Test
    void a_truncated_seal_is_noticed() {
        byte[] sealed = vault.seal(SECRET, ROW);
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> vault.open(cut, ROW)).isInstanceOf(UnsealableException.class);
        }
    }

    @Test
    void a_seal_cannot_be_moved_to_another_row() {
        byte[] sealed = vault.seal(SECRET, ROW);
        assertThatThrownBy(() -> vault.open(sealed, "row 2".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(UnsealableException.class)
                .hasMessageContaining("belongs elsewhere");
    }

    @Test
    void another_key_says_so() {
        byte[] sealed = vault.seal(SECRET, ROW);
        Vault other = Vault.withOwnKeyIn(directory.resolve("other"));
        assertThatThrownBy(() -> other.open(sealed, ROW)).hasMessageContaining("another key");
    }

    @Test
    void a_key_made_here_is_private() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("key"))))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no base64!", "c2hvcnQ="})
    void a_bad_key_file_says_how_to_make_a_good_one(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("bad"), text);
        assertThatThrownBy(() -> Vault.withKeyIn(file))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("openssl rand -base64 32");
    }
}
