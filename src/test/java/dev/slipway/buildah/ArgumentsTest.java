package dev.slipway.buildah;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.image.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private final Arguments arguments = new Arguments("overlay");

    private static Bud bud(Map<String, String> buildArgs) {
        return new Bud(
                Optional.of("-sub dir"),
                "-Dockerfile",
                buildArgs,
                Map.of("team", "a=b"),
                Optional.of("stage"),
                Optional.of("linux/arm64"),
                true);
    }

    @Test
    void a_build_has_no_way_out_of_its_root_and_pulls_nothing_itself() {
        assertThat(arguments.bud(bud(Map.of())))
                .contains("--isolation=chroot", "--cap-drop=CAP_SYS_CHROOT", "--pull=never", "--http-proxy=false")
                .noneMatch(argument -> argument.contains("authfile"));
    }

    @Test
    void what_a_user_names_is_never_an_option() {
        List<String> bud = arguments.bud(bud(Map.of("A", "--privileged")));
        assertThat(bud)
                .contains("--build-arg=A=--privileged", "--label=team=a=b", "--file=/context/-sub dir/-Dockerfile");
        assertThat(bud.subList(bud.size() - 2, bud.size())).containsExactly("--", "/context/-sub dir");
    }

    @Test
    void images_are_named_by_the_registry_transport_only() {
        ImageReference image = ImageReference.base("debian");
        Stream.of(arguments.pull(image, false, Optional.empty(), true), arguments.push("sha256:0", image, true))
                .forEach(argv -> assertThat(argv).endsWith("docker://docker.io/library/debian:latest"));
    }

    @Test
    void a_password_file_is_named_only_after_a_login() {
        ImageReference image = ImageReference.base("debian");
        assertThat(arguments.pull(image, false, Optional.empty(), false)).doesNotContain("--authfile");
        assertThat(arguments.push("sha256:0", image, false)).doesNotContain("--authfile");
    }

    @Test
    void asking_again_for_a_base_image_is_a_policy() {
        ImageReference image = ImageReference.base("debian");
        assertThat(arguments.pull(image, true, Optional.empty(), false)).containsSequence("--policy", "always");
        assertThat(arguments.pull(image, false, Optional.empty(), false)).containsSequence("--policy", "missing");
    }
}
