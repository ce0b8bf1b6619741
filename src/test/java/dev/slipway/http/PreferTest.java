package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PreferTest {
    static Stream<Arguments> fields() {
        return Stream.of(
                Arguments.of("wait=10", 10, false),
                Arguments.of("Wait = 10", 10, false),
                Arguments.of("wait=\"10\"", 10, false),
                Arguments.of("respond-async", -1, true),
                Arguments.of("Respond-Async, WAIT=100", 100, true),
                Arguments.of("respond-async,,wait=5 ; foo=bar;baz", 5, true),
                Arguments.of("wait=1, wait=2", 1, false),
                Arguments.of("wait=0", 0, false),
                Arguments.of("wait=99999999999999", Integer.MAX_VALUE, false),
                Arguments.of("wait=-1", -1, false),
                Arguments.of("wait=soon", -1, false),
                Arguments.of("wait", -1, false),
                Arguments.of("foo=\"a, respond-async\"", -1, false),
                Arguments.of("foo=\"a\\\", wait=3\", wait=4", 4, false),
                Arguments.of("foo; wait=3", -1, false),
                Arguments.of("foo=\"never closed, wait=3", -1, false),
                Arguments.of("", -1, false),
                Arguments.of(",;=\"", -1, false),
                Arguments.of("return=minimal, respond-async=", -1, true));
    }

    @ParameterizedTest
    @MethodSource("fields")
    void a_field_is_understood_as_the_rfc_says(String field, int wait, boolean respondAsync) {
        OptionalInt seconds = wait < 0 ? OptionalInt.empty() : OptionalInt.of(wait);
        assertThat(Prefer.of(List.of(field))).isEqualTo(new Prefer(seconds, respondAsync));
    }

    @Test
    void several_fields_count_as_one_and_none_is_no_preference() {
        assertThat(Prefer.of(List.of("wait=7", "respond-async, wait=8")))
                .isEqualTo(new Prefer(OptionalInt.of(7), true));
        assertThat(Prefer.of(List.of())).isEqualTo(Prefer.NOTHING);
    }

    @Test
    void a_hostile_field_is_read_in_linear_time() {
        assertThat(Prefer.of(List.of("\"\\".repeat(100_000)))).isEqualTo(Prefer.NOTHING);
        assertThat(Prefer.of(List.of("a=\"".repeat(50_000) + "=;".repeat(50_000))))
                .isEqualTo(Prefer.NOTHING);
    }
}
