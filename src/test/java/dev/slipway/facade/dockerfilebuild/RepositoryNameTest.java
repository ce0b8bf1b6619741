package dev.slipway.facade.dockerfilebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.image.ImageReference;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Repositories named after files. */
class RepositoryNameTest {
    @ParameterizedTest
    @CsvSource({
        "Dockerfile, dockerfile",
        "my.Dockerfile, my.dockerfile",
        "a__b--c_d.e, a__b--c_d.e",
        "a___b._c, a-b-c",
        "'My App (1).Dockerfile', my-app-1-dockerfile",
        ".hidden-, hidden",
        "Überbau.Dockerfile, uberbau.dockerfile",
        "日本語, dockerfile",
        "..., dockerfile",
        "app:1.0@x, app-1.0-x"
    })
    void a_file_name_becomes_one_that_a_repository_may_have(String file, String name) {
        assertThat(RepositoryName.of(file)).isEqualTo(name);
        assertThat(ImageReference.target(
                                "r.example.com/u/" + name, new ImageReference.Home(Optional.empty(), Optional.empty()))
                        .repository())
                .isEqualTo("u/" + name);
    }

    @Test
    void a_long_one_is_cut_and_does_not_end_in_a_separator() {
        assertThat(RepositoryName.of("a".repeat(99) + "-" + "b".repeat(99))).isEqualTo("a".repeat(99));
    }
}
