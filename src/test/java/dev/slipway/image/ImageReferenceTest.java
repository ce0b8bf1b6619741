package dev.slipway.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ImageReferenceTest {
    private static final ImageReference.Home HOME =
            new ImageReference.Home(Optional.of("registry.example.com:5000"), Optional.of("demo"));
    private static final ImageReference.Home NOWHERE = new ImageReference.Home(Optional.empty(), Optional.empty());

    @ParameterizedTest
    @CsvSource({
        "app,                        registry.example.com:5000/demo/app:latest",
        "app:1.2,                    registry.example.com:5000/demo/app:1.2",
        "team/app,                   registry.example.com:5000/team/app:latest",
        "quay.io/team/app:v1,        quay.io/team/app:v1",
        "localhost/app,              localhost/app:latest",
        "localhost:5000/app,         localhost:5000/app:latest",
        "127.0.0.1:5000/a/b/c_d-e.f, 127.0.0.1:5000/a/b/c_d-e.f:latest",
        "Quay.IO/team/app,           quay.io/team/app:latest",
    })
    void a_target_is_resolved_against_the_default_registry_and_namespace(String text, String expected) {
        assertThat(ImageReference.target(text, HOME)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "debian,                docker.io/library/debian:latest",
        "debian:12,             docker.io/library/debian:12",
        "grafana/grafana,       docker.io/grafana/grafana:latest",
        "ghcr.io/a/b:1,         ghcr.io/a/b:1",
    })
    void a_base_image_without_a_host_is_docker_hubs(String text, String expected) {
        assertThat(ImageReference.base(text)).hasToString(expected);
    }

    static String[] bad() {
        return new String[] {
            "",
            " app",
            "app ",
            "-app",
            "--help",
            "app\n",
            "a\nb",
            "a\0b",
            "App",
            "registry.example.com/Team/app",
            "dir:/x",
            "oci:/tmp/x",
            "docker://quay.io/a/b",
            "docker-archive:/x.tar",
            "/app",
            "app/",
            "a//b",
            "app:",
            "app:-x",
            "app:" + "t".repeat(129),
            "a".repeat(300),
            "registry.example.com/" + "a".repeat(250),
            "app@sha256:short",
            "a b",
            "../app",
            "äpp",
        };
    }

    @ParameterizedTest
    @MethodSource("bad")
    void what_is_no_reference_is_refused_and_named(String text) {
        assertThatThrownBy(() -> ImageReference.target(text, HOME))
                .isInstanceOfSatisfying(SlipwayException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_NAME_INVALID);
                    assertThat(e.getMessage()).startsWith("tried to read").doesNotContain("\n", "\0");
                    assertThat(e.in("images").details()).containsEntry("field", "images");
                    assertThat(e.in("images")).hasMessageStartingWith("tried to read the field `images` but \"");
                });
    }

    @Test
    void a_digest_can_be_pulled_but_not_pushed_to() {
        String pinned = "quay.io/a/b@sha256:" + "0".repeat(64);
        assertThat(ImageReference.base(pinned)).hasToString(pinned);
        assertThatThrownBy(() -> ImageReference.target(pinned, HOME)).hasMessageContaining("digest");
    }

    @Test
    void without_a_default_registry_a_host_is_asked_for() {
        assertThatThrownBy(() -> ImageReference.target("team/app", NOWHERE))
                .hasMessageContaining("registry.example.com/team/app");
    }

    @Test
    void the_text_of_a_reference_reads_back_as_the_same() {
        ImageReference reference = ImageReference.target("team/app:1", HOME);
        assertThat(ImageReference.qualified(reference.toString())).isEqualTo(reference);
    }
}
