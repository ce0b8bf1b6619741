package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptTest {
    private static final List<String> OFFERED = List.of("text/plain", "text/event-stream", "application/x-ndjson");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain                                      | text/plain",
                "text/event-stream                               | text/event-stream",
                "application/x-ndjson                            | application/x-ndjson",
                "TEXT/Event-Stream                               | text/event-stream",
                "*/*                                             | text/plain",
                "text/*                                          | text/plain",
                "application/*                                   | application/x-ndjson",
                "text/event-stream, */*                          | text/event-stream",
                "application/json, text/plain, */*               | text/plain",
                "text/plain;q=0.5, application/x-ndjson;q=0.8    | application/x-ndjson",
                "text/plain; q=0.5 , text/event-stream ; Q=0.501 | text/event-stream",
                "text/plain;charset=utf-8                        | text/plain",
                "text/plain;charset=utf-8;q=0, */*;q=0.1         | text/event-stream",
                "text/*;q=0.9, text/plain;q=0.1                  | text/event-stream",
                "text/plain;q=1.000                              | text/plain",
                "text/plain;q=0                                  |",
                "*/*;q=0                                         |",
                "application/json                                |",
                "text/plain;q=lots                               | text/plain",
                "text/plain;q=2                                  | text/plain",
                "rubbish                                         | text/plain",
                "rubbish, application/json                       |",
                "text/html, *; q=.2, */*; q=.2                   | text/plain",
                "text/plain;q=.3, text/event-stream;q=.4         | text/event-stream",
            })
    void the_best_of_what_is_offered_is_chosen(String accept, String chosen) {
        assertThat(Accept.choose(List.of(accept), OFFERED).orElse(null)).isEqualTo(chosen);
    }

    @Test
    void whoever_does_not_say_gets_the_first() {
        assertThat(Accept.choose(List.of(), OFFERED)).contains("text/plain");
        assertThat(Accept.choose(List.of(""), OFFERED)).contains("text/plain");
    }

    @Test
    void several_fields_count_as_one() {
        assertThat(Accept.choose(List.of("text/plain;q=0.1", "application/x-ndjson"), OFFERED))
                .contains("application/x-ndjson");
    }

    @Test
    void a_hostile_field_takes_no_time() {
        String long1 = Stream.generate(() -> ";q=").limit(20_000).reduce("text/plain", String::concat);
        assertThat(Accept.choose(List.of(long1), OFFERED)).contains("text/plain");
    }
}
