package dev.slipway.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartReaderTest {
    private static final String TYPE = "multipart/form-data; boundary=";

    /** A part as it was read. */
    private record Seen(String name, Optional<String> filename, String contentType, String content) {}

    private static MultipartReader form(String boundary, String body, int chunk) {
        return MultipartReader.of(
                new Trickle(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), chunk), TYPE + boundary);
    }

    private static List<Seen> read(MultipartReader form) throws IOException {
        List<Seen> seen = new ArrayList<>();
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            Part part = next.get();
            String content = new String(part.content().readAllBytes(), ISO_8859_1);
            seen.add(new Seen(part.name(), part.filename(), part.contentType(), content));
        }
        return seen;
    }

    private static String field(String name, String content) {
        return "Content-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
    }

    private static Part only(String header) throws IOException {
        return form("b", "--b\r\n" + new String(header.getBytes(UTF_8), ISO_8859_1) + "\r\n\r\nx\r\n--b--\r\n", 1000)
                .next()
                .orElseThrow();
    }

    private static void refused(ErrorCode code, String words, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SlipwayException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageStartingWith("tried to ")
                .hasMessageContaining(words);
    }

    @Test
    void a_form_is_read_the_same_however_it_is_cut() throws IOException {
        String body = "a preamble --b\r\n--bogus\r\n--b-\r\n--b  \t\r\n"
                + field("one", "1\r\n--bb\r\n--b x\r\n--b--x\r\n\r\n-\r\n--\r\n\r")
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tar\"\r\n"
                + "content-type: application/x-tar\r\n\r\n" + "\u0000\u00ff".repeat(3000) + "\r\n\r\n--b\r\n"
                + field("empty", "")
                + "--b--  \r\nan epilogue\r\n--b\r\n";
        List<Seen> expected = List.of(
                new Seen("one", Optional.empty(), "text/plain", "1\r\n--bb\r\n--b x\r\n--b--x\r\n\r\n-\r\n--\r\n\r"),
                new Seen("file", Optional.of("a.tar"), "application/x-tar", "\u0000\u00ff".repeat(3000) + "\r\n"),
                new Seen("empty", Optional.empty(), "text/plain", ""));

        for (int chunk = 1; chunk <= body.length(); chunk++) {
            assertThat(read(form("b", body, chunk))).as("chunks of %d", chunk).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void random_parts_are_read_back_as_they_were_written(long seed) throws IOException {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            String boundary = "-".repeat(random.nextInt(30)) + "x" + random.nextInt(100);
            List<Seen> parts = new ArrayList<>();
            StringBuilder body = new StringBuilder();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String content = content(random, boundary);
                parts.add(new Seen("n" + i, Optional.empty(), "text/plain", content));
                body.append("--").append(boundary).append("\r\n").append(field("n" + i, content));
            }
            body.append("--").append(boundary).append("--\r\n");

            assertThat(read(form(boundary, body.toString(), 1 + random.nextInt(200_000))))
                    .isEqualTo(parts);
        }
    }

    /** Noise, mixed with what looks like the boundary and is none. */
    private static String content(Random random, String boundary) {
        String[] traps = {
            "\r", "\n", "\r\n", "\r\n--", "--" + boundary, "\r\n--" + boundary + "y", "\r\n--" + boundary + "-", "-"
        };
        StringBuilder content = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            byte[] noise = new byte[random.nextInt(random.nextInt(10) == 0 ? 60_000 : 50)];
            random.nextBytes(noise);
            content.append(traps[random.nextInt(traps.length)])
                    .append(new String(noise, ISO_8859_1))
                    .append('.');
        }
        return content.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "name=\"a\"; filename=\"b.tar\" | a | b.tar",
                "name=a; filename=b.tar | a | b.tar",
                "NAME=\"a\" ;FileName = \"b c;d.tar\" | a | b c;d.tar",
                "name=\"a\"; filename=\"q\\\"u\\\\o.tar\" | a | q\"u\\o.tar",
                "name=\"a\"; filename=\"q%22u.tar\" | a | q\"u.tar",
                "name=\"a\"; filename=\"100%25.tar\" | a | 100%25.tar",
                "name=\"a\"; filename=\"C:\\dir\\b.tar\" | a | C:\\dir\\b.tar",
                "name=\"a\"; filename=\"naïve.tar\" | a | naïve.tar",
                "name=\"a\"; filename=\"plain\"; filename*=UTF-8''na%C3%AFve | a | plain",
                "name=\"a\"; filename*=utf-8'en'na%C3%AFve%20%zz | a | naïve %zz",
                "filename=\"b\"; name=\"a\"; | a | b",
            })
    void names_are_read_as_clients_write_them(String parameters, String name, String filename) throws IOException {
        Part part = only("Content-Disposition: form-data; " + parameters);

        assertThat(part.name()).isEqualTo(name);
        assertThat(part.filename()).contains(filename);
    }

    @Test
    void a_folded_header_is_one_and_unknown_headers_are_ignored() throws IOException {
        Part part = only("X-Odd: 1\r\nContent-Disposition: form-data;\r\n name=\"a\";\r\n\tfilename=\"%0D%0A\"");

        assertThat(part.name()).isEqualTo("a");
        assertThat(part.filename()).contains("\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: y",
                "Content-Disposition: form-data",
                "Content-Disposition: form-data; filename=\"a\"",
                "Content-Disposition: attachment; name=\"a\"",
                "Content-Disposition: form-data; name=\"a",
                "Content-Disposition: form-data; name",
                "Content-Disposition: form-data; name=\"a\"x",
                "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"",
                "Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64",
                "nonsense",
                ": x"
            })
    void a_part_that_cannot_be_named_is_refused(String header) {
        refused(ErrorCode.REQUEST_INVALID, "part 1 of the form", () -> only(header));
    }

    @Test
    void the_next_part_skips_what_was_left_of_the_one_before() throws IOException {
        MultipartReader form = form(
                "b", "--b\r\n" + field("one", "1".repeat(500_000)) + "--b\r\n" + field("two", "2") + "--b--", 7000);
        Part one = form.next().orElseThrow();
        assertThat(one.content().read()).isEqualTo('1');

        Part two = form.next().orElseThrow();

        assertThat(two.text(1)).isEqualTo("2");
        assertThatThrownBy(() -> one.content().read()).isInstanceOf(IOException.class);
        assertThat(form.next()).isEmpty();
        assertThat(form.next()).isEmpty();
    }

    @Test
    void content_is_written_out_whole() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Part part = form("b", "--b\r\n" + field("one", "\r\n--".repeat(100_000)) + "--b--", 9999)
                .next()
                .orElseThrow();

        assertThat(part.content().transferTo(out)).isEqualTo(400_000);
        assertThat(out.toString(UTF_8)).isEqualTo("\r\n--".repeat(100_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--b",
                "--b\r\n",
                "--b\r\nContent-Dis",
                "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
                "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b",
                "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b-",
                "no boundary at all\r\n--c--\r\n"
            })
    void a_body_without_its_last_boundary_is_refused(String body) {
        for (int chunk = 1; chunk < 5; chunk++) {
            MultipartReader form = form("b", body, chunk);
            refused(ErrorCode.REQUEST_INVALID, "the body ended before", () -> read(form));
        }
    }

    @Test
    void an_empty_form_has_no_parts() throws IOException {
        assertThat(read(form("b", "--b--", 1))).isEmpty();
        assertThat(read(form("b", "\r\n--b--\r\n\r\n", 100))).isEmpty();
    }

    @Test
    void limits_hold() throws IOException {
        String big = "--b\r\nX: " + "y".repeat(20_000) + "\r\n" + field("a", "") + "--b--";
        refused(ErrorCode.REQUEST_TOO_LARGE, "header of a part", () -> read(form("b", big, 100_000)));
        refused(ErrorCode.REQUEST_TOO_LARGE, "header of a part", () -> read(form("b", big, 10)));
        String endless = "--b\r\nX: " + "y".repeat(300_000);
        refused(ErrorCode.REQUEST_TOO_LARGE, "header of a part", () -> read(form("b", endless, 100_000)));

        String part = "--b\r\n" + field("a", "");
        assertThat(read(form("b", part.repeat(10_000) + "--b--", 100_000))).hasSize(10_000);
        refused(
                ErrorCode.REQUEST_TOO_LARGE,
                "more than 10000 parts",
                () -> read(form("b", part.repeat(10_001) + "--b--", 100_000)));
    }

    @Test
    void a_text_field_is_short_and_utf_8() throws IOException {
        String body = "--b\r\n" + field("a", "caf\u00c3\u00a9") + "--b\r\n" + field("b", "caf\u00e9") + "--b--";
        MultipartReader form = form("b", body, 100);
        assertThat(form.next().orElseThrow().text(5)).isEqualTo("café");
        Part latin = form.next().orElseThrow();
        refused(ErrorCode.REQUEST_INVALID, "`b`", () -> latin.text(100));

        Part tooLong = form("b", body, 100).next().orElseThrow();
        refused(ErrorCode.REQUEST_TOO_LARGE, "`a`", () -> tooLong.text(4));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\"a",
                "multipart/form-data; boundary=\"a \"",
                "multipart/form-data; boundary=é",
                "multipart/form-data; boundary=aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaac"
            })
    void a_content_type_without_a_usable_boundary_is_refused(String type) {
        refused(
                ErrorCode.REQUEST_INVALID,
                "Content-Type",
                () -> MultipartReader.of(new ByteArrayInputStream(new byte[0]), type));
    }

    @Test
    void a_boundary_may_be_quoted_and_full_of_odd_characters() throws IOException {
        String type = "Multipart/Form-Data; charset=utf-8; boundary=\"a'()+_,-./:=? z\"";
        String body = "--a'()+_,-./:=? z\r\n" + field("a", "1") + "--a'()+_,-./:=? z--\r\n";

        assertThat(read(MultipartReader.of(new ByteArrayInputStream(body.getBytes(UTF_8)), type)))
                .hasSize(1);
    }

    @Test
    void what_is_no_form_is_an_unsupported_media_type() {
        for (String type : new String[] {null, "application/json", "multipart/mixed; boundary=b"}) {
            refused(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type",
                    () -> MultipartReader.of(new ByteArrayInputStream(new byte[0]), type));
        }
    }
}
