package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormTest {
    private static final String URL_ENCODED = "application/x-www-form-urlencoded";

    private static List<String> fields(String body, String type) throws IOException {
        Form form = Form.of(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), type);
        List<String> fields = new ArrayList<>();
        for (Optional<Part> part = form.next(); part.isPresent(); part = form.next()) {
            fields.add(part.get().name() + "=" + part.get().text(1000));
        }
        return fields;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            quoteCharacter = '"',
            value = {
                "a=1&b=2 \"[a=1, b=2]\"",
                "a=1&a=2 \"[a=1, a=2]\"",
                "a [a=]",
                "=1 [=1]",
                "a=b=c [a=b=c]",
                "&&a=1& [a=1]",
                "a+b=c+d \"[a b=c d]\"",
                "a%2Bb=%26%3D%25 [a+b=&=%]",
                "k=%C3%BC [k=ü]",
                "k=ü [k=ü]",
                "k=\uD83D\uDE00 [k=\uD83D\uDE00]",
                "f=FROM+x%0D%0A \"[f=FROM x\r\n]\""
            })
    void the_form_of_a_query_is_read(String body, String expected) throws IOException {
        assertThat(fields(body, URL_ENCODED)).hasToString(expected);
        assertThat(fields("", URL_ENCODED + "; charset=utf-8")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%", "a=%4", "a=%zz", "%C3=1", "a=%C3", "a=%FF"})
    void what_is_no_such_form_is_refused(String body) {
        assertThatThrownBy(() -> fields(body, URL_ENCODED))
                .isInstanceOfSatisfying(
                        SlipwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID));
    }

    @Test
    void bytes_that_are_no_text_are_refused() {
        Form form = Form.of(new ByteArrayInputStream(new byte[] {'a', '=', (byte) 0xff}), URL_ENCODED);
        assertThatThrownBy(form::next).isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code())
                .isEqualTo(ErrorCode.REQUEST_INVALID));
    }

    @Test
    void a_form_that_is_too_large_is_refused() {
        for (String body : List.of("a=" + "x".repeat(4 * 1024 * 1024), "a&".repeat(10_001))) {
            assertThatThrownBy(() -> fields(body, URL_ENCODED))
                    .isInstanceOfSatisfying(
                            SlipwayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_TOO_LARGE));
        }
    }

    @Test
    void multipart_is_a_form_too_and_nothing_else_is() throws IOException {
        String body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n";
        assertThat(fields(body, "multipart/form-data; boundary=b")).containsExactly("a=1");
        for (String type : new String[] {null, "text/plain", "application/json"}) {
            assertThatThrownBy(() -> fields(body, type))
                    .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.UNSUPPORTED_MEDIA_TYPE));
        }
    }
}
