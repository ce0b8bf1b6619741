package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {
    private static final Platform ARM = Platform.parse("linux/arm64/v8");

    @ParameterizedTest(name = "{0}")
    @MethodSource("readable")
    void the_images_from_outside_are_named(String text, List<String> images) {
        assertThat(images(text, Map.of("GIVEN", "given:1"), null)).isEqualTo(images);
    }

    static Stream<Arguments> readable() {
        return Stream.of(
                of("FROM alpine", "alpine"),
                of("from alpine as base\nFROM base", "alpine"),
                of("FROM scratch"),
                of("FROM docker://docker.io/alpine:3", "docker.io/alpine:3"),
                of("FROM docker:24-dind", "docker:24-dind"),
                of("FROM a\nFROM b\nFROM a", "a", "b"),
                of("FROM --platform=$BUILDPLATFORM golang:1 AS build\nFROM alpine", "golang:1", "alpine"),
                of("\ufeff  FROM alpine\r\nRUN x\r\n", "alpine"),
                of("# a comment\n\n \t# another\nFROM alpine # no comment".replace(" # no comment", ""), "alpine"),
                of("FROM \\\n# in between\n\n  alpine \\  \n  AS x", "alpine"),
                of("# escape=`\nFROM `\n alpine\nRUN dir \\\nFROM b", "alpine", "b"),
                of("# ESCAPE\t= `and more\nFROM a`\nb", "ab"),
                of("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\\\nb", "ab"),
                of("ARG X=a\nARG X\nFROM ${X:-b}", "a"),
                of("FROM a\nARG X=b\nARG X\nCOPY --from=${X:-c} x x", "a", "b"),
                of("ARG TARGETARCH=arm64\nFROM image-$TARGETARCH", "image-arm64"),
                of("FROM a\nRUN cat <<'E-O F' <<2.x\nFROM b\nE-O F\nFROM c\n2.x\nFROM d", "a", "d"),
                of("FROM a\nRUN cat<<EOF\nFROM b", "a", "b"),
                of("FROM a\nONBUILD RUN <<EOF\nFROM b\nEOF\nFROM c", "a", "c"),
                of("FROM a\nENV V=1\nARG W=2\nCOPY --from=b:$W x x", "a", "b:2"),
                of("# first\n# escape=`\nFROM a\\\nb", "ab"),
                of("ARG A=alpine\nFROM $A", "alpine"),
                of("ARG A=alpine B=3\nFROM ${A}:${B}", "alpine:3"),
                of("ARG A=alpine\nARG B=$A:3\nFROM $B", "alpine:3"),
                of("ARG A=\"alpine\"\nFROM $A", "alpine"),
                of("ARG A='al pine' B=x\nFROM $B", "x"),
                of("ARG GIVEN=alpine\nFROM $GIVEN", "given:1"),
                of("ARG GIVEN\nFROM $GIVEN", "given:1"),
                of("ARG S\nFROM alpine$S", "alpine"),
                of("FROM ${X:-alpine}", "alpine"),
                of("FROM ${X-alpine}", "alpine"),
                of("ARG X=\nFROM ${X:-alpine}", "alpine"),
                of("ARG X=\nFROM alpine${X-nothing}", "alpine"),
                of("ARG X=1\nFROM alpine${X:+:3}${Y:+:4}", "alpine:3"),
                of("ARG Y=3\nFROM ${X:-alpine:${Y}}", "alpine:3"),
                of("FROM \"alpine\"", "alpine"),
                of("FROM image-$TARGETARCH$TARGETVARIANT-$TARGETOS", "image-arm64v8-linux"),
                of("ARG TARGETARCH\nFROM image-$TARGETARCH", "image-arm64"),
                of("FROM a AS One\nFROM b\nCOPY --from=one x x\nCOPY --from=0 x x\nCOPY --from=c x x", "a", "b", "c"),
                of("FROM a\nCOPY --chown=1:1 --from=b:1 x x", "a", "b:1"),
                of("FROM a\nCOPY --from=\"b\" x x", "a", "b"),
                of("FROM a\nADD --from=b x x", "a", "b"),
                of("FROM a\nCOPY --from=later x x\nFROM b AS later", "a", "later", "b"),
                of("FROM a\nARG GIVEN\nCOPY --from=$GIVEN x x", "a", "given:1"),
                of("ARG V=3\nFROM a\nARG V\nCOPY --from=b:$V x x", "a", "b:3"),
                of(
                        "FROM a\nRUN --mount=type=bind,from=b,target=/x --mount=type=cache,target=$HOME,from=c make",
                        "a",
                        "b",
                        "c"),
                of("FROM a AS x\nRUN --mount=from=x,target=/x make --from=y", "a"),
                of("FROM a\nRUN echo FROM b\nRUN COPY --from=b x", "a"),
                of("FROM a\nRUN <<EOF\nFROM b\nCOPY --from=c x x\nEOF\nCOPY --from=d x x", "a", "d"),
                of("FROM a\nCOPY <<-'ONE' <<\"TWO\" /x/\nFROM b\n\tONE\nFROM c\nTWO\nFROM d", "a", "d"),
                of("FROM a\nRUN cat <<<EOF\nFROM b", "a", "b"),
                of("FROM a\nRUN python3 <<EOF\nfrom slipway import x\nEOF", "a"),
                of("FROM a\nRUN cat <<EOF\nFROM b", "a", "b"),
                of("FROM a\nRUN <<EOF\nSELECT *\nFROM public.users;\nEOF", "a"),
                of("FROM a\nRUN <<EOF\nFROM (1)\nCOPY --from=x;y z\nEOF", "a"),
                of("FROM a\nCOPY <<A <<-A <<B /x/\nA\nFROM b\n\t\tA\nB\nFROM c", "a", "c"),
                of("FROM a\nONBUILD COPY --from=b x x", "a"),
                of("ARG X=${Y%z}\nFROM a\nRUN x", "a"),
                of("FROM docker.io/slipway/x", "docker.io/slipway/x"),
                of("FROM slipways/x", "slipways/x"),
                of("FROM 0", "0"),
                of("FROM a\nFROM 0\n", "a"),
                of("FROM a\nRUN x \\", "a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker-archive:/x",
                "oci:/x",
                "oci-archive:x",
                "dir:/x",
                "containers-storage:x",
                "docker-daemon:x:1",
                "tarball:/x",
                "sif:/x",
                "ostree:x",
                "atomic:x",
                "http://x/y",
                "https://x/y",
                "docker://dir:/x",
                "localhost/slipway",
                "localhost/slipway/cache",
                "localhost/slipway:x",
                "localhost/slipway@sha256:00",
                "docker://localhost/slipway/x",
                "slipway/cache/x",
                "slipway",
                "sha256:abc",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "$X",
                "alpine:${X}",
                "${X:-}",
                "${X:+a}",
                "${X:?no}",
                "${X",
                "${}",
                "${X%y}",
                "\"\"",
                "${X:-$Y}"
            })
    void what_is_not_from_a_registry_or_cannot_be_resolved_is_refused_with_its_line(String image) {
        for (String text : List.of(
                "FROM " + image,
                "FROM a\nCOPY --from=" + image + " x x",
                "ARG I=" + image + "\n\nFROM $I",
                "FROM a\nRUN --mount=type=bind,target=/x,from=" + image + " make")) {
            SlipwayException refusal =
                    catchThrowableOfType(SlipwayException.class, () -> images("# 1\n# 2\n" + text, Map.of(), null));
            if (refusal == null && text.startsWith("ARG") && image.equals("alpine:${X}")) {
                continue; // in an ARG's value an undefined variable is empty: the tag is judged by who parses the name
            }
            assertThat(refusal).as(text).isNotNull();
            assertThat(refusal.code()).isEqualTo(ErrorCode.DOCKERFILE_POLICY);
            long line = 2 + text.lines().count();
            assertThat(refusal.details()).containsEntry("line", String.valueOf(line));
            assertThat(refusal.getMessage()).contains("line " + line + " ");
        }
    }

    /** Each is a line or two that the builder reads otherwise than a reader of Docker's grammar would. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                // a directive that the builder does not see, or sees
                "# syntax=x\n# escape=`\nFROM a\nCMD x `\nFROM localhost/slipway/x",
                "#\fescape=`\nFROM a\nCMD x `\nFROM localhost/slipway/x",
                "# escape=`x\nFROM a\nCMD x \\\nFROM localhost/slipway/x",
                // an ARG said again keeps its value
                "ARG X=localhost/slipway/x\nARG X\nFROM ${X:-a}",
                "FROM a\nARG X=localhost/slipway/x\nARG X\nCOPY --from=${X:-a} x x",
                // values that builders tell differently
                "ARG TARGETVARIANT=x\nFROM localhost/slipway$TARGETVARIANT/x",
                "ARG TARGETPLATFORM=linux/slipway\nFROM localhost/$TARGETARCH/x",
                "FROM a\nARG X=b\nENV X=localhost/slipway/x\nCOPY --from=$X x x",
                "FROM a\nENV X localhost/slipway/x\nARG X=b\nCOPY --from=${X} x x",
                "ARG Y=localhost/slipway/xz\nARG X=${Y%z}\nFROM ${X:-a}",
                "FROM a\nARG X=localhost/slipway/x\nARG A='\\' X=b B='\nCOPY --from=$X x x",
                // quotes within braces
                "FROM ${A:+'}docker.io/alpine${B:+'}localhost/slipway/x",
                // names of stages that are images where case counts, or where a stage was left out
                "FROM a AS LOCALHOST/slipway/x\nFROM b\nCOPY --from=localhost/slipway/x y y",
                "ARG X=localhost/slipway/x\nFROM a AS localhost/slipway/x\nFROM $X",
                "FROM a AS 0123456789abcdef\nFROM b",
                // blanks of other scripts between flags
                "FROM a\nCOPY --chown=\u00e0--from=localhost/slipway/x y y",
                "FROM a\nCOPY --chown=x\u2003y --from=localhost/slipway/x y y",
                "FROM a\nCOPY --chown=x\u001cy --from=localhost/slipway/x y y",
                // builders that know no here-documents
                "ARG X=localhost/slipway/x\nFROM a\nRUN true <<CMD\nFROM $X\nCMD",
                "FROM a\nRUN true <<CMD\nFROM \\\n localhost/slipway/x\nCMD",
                "ARG S=slip\nFROM a\nRUN true <<CMD\nFROM localhost/${S}way/x$NONE\nCMD"
            })
    void what_only_the_builder_would_read_so_is_refused(String text) {
        assertThat(catchThrowableOfType(SlipwayException.class, () -> images(text, Map.of(), null)))
                .isNotNull()
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.DOCKERFILE_POLICY));
    }

    @Test
    void other_builds_images_are_refused_where_only_some_builder_would_read_them() {
        for (String text : List.of(
                "FROM a\nONBUILD COPY --from=localhost/slipway/x y z",
                "FROM a\nRUN <<EOF\nFROM localhost/slipway/x\nEOF",
                "FROM a\nRUN <<EOF\nFROM localhost/slipway/x;\nEOF",
                "FROM a\nRUN <<EOF\nFROM (localhost/slipway/x)\nEOF",
                "FROM a\nRUN <<EOF\nFROM oci:/x;\nEOF",
                "FROM a\nRUN <<EOF\nCOPY --from=localhost/slipway/x y z\nEOF")) {
            assertThat(catchThrowableOfType(SlipwayException.class, () -> images(text, Map.of(), null)))
                    .as(text)
                    .isNotNull();
        }
    }

    @Test
    void a_target_needs_the_stages_before_it_only() {
        String text = "FROM a AS one\nFROM b AS two\nCOPY --from=x y y\nFROM dir:/x AS three";
        assertThat(images(text, Map.of(), "TWO")).containsExactly("a", "b", "x");
        assertThat(images(text, Map.of(), "0")).containsExactly("a");
        assertThat(catchThrowableOfType(SlipwayException.class, () -> images("FROM a", Map.of(), "nowhere")))
                .hasMessageContaining("nowhere");
    }

    @Test
    void a_from_of_another_form_and_a_text_without_any_are_refused() {
        for (String text : List.of("", "RUN x", "# FROM a", "FROM", "FROM a b", "FROM a AS", "FROM a AS b c")) {
            assertThat(catchThrowableOfType(SlipwayException.class, () -> images(text, Map.of(), null))
                            .code())
                    .as(text)
                    .isEqualTo(ErrorCode.DOCKERFILE_POLICY);
        }
    }

    @Test
    void what_would_cost_much_to_read_is_refused() {
        String stages = "FROM a AS b\n".repeat(999) + "FROM a AS Last\n";
        assertThat(images(stages, Map.of(), "last")).containsExactly("a");
        assertThat(images(stages, Map.of(), "999")).containsExactly("a");
        String lines = "FROM a" + "\n".repeat(19_999);
        assertThat(images(lines, Map.of(), null)).containsExactly("a");
        String doubled = "ARG V0=0123456789\n"
                + IntStream.rangeClosed(1, 60)
                        .mapToObj(i -> "ARG V" + i + "=$V" + (i - 1) + "$V" + (i - 1) + "\n")
                        .collect(Collectors.joining());
        assertThat(images(doubled + "FROM a", Map.of(), null)).containsExactly("a");
        for (String text : List.of(
                stages + "FROM a",
                lines + "\n",
                doubled + "FROM $V60",
                "FROM a\n" + "ONBUILD ".repeat(100_000) + "RUN x",
                "FROM " + "a".repeat(5_000))) {
            assertThat(catchThrowableOfType(SlipwayException.class, () -> images(text, Map.of(), null)))
                    .isNotNull()
                    .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.DOCKERFILE_POLICY));
        }
    }

    private static List<String> images(String text, Map<String, String> buildArgs, String target) {
        return Dockerfile.parse("Dockerfile", text).images(buildArgs, Optional.ofNullable(target), ARM);
    }

    private static Arguments of(String text, String... images) {
        return Arguments.of(text, List.of(images));
    }
}
