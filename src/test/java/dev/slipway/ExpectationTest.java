package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A comparison that cannot fail would prove nothing. */
class ExpectationTest {
    private static Map<String, String> compare(String expected, String actual) {
        return new Expectation(Map.of("host", "a.b:1")).compare(expected, actual, "here");
    }

    @Test
    void placeholders_take_what_is_of_their_kind() {
        Map<String, String> captured = compare(
                "{\"n\": \"{{int:n}}\", \"at\": [\"{{host}}/x:{{stamp:tag}}\"], \"no\": null}",
                "{\"n\": 17, \"at\": [\"a.b:1/x:20261121000000\"], \"no\": null}");

        assertThat(captured).containsEntry("n", "17").containsEntry("tag", "20261121000000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{\"a\": 1} # {\"a\": 2}",
                "{\"a\": 1} # {\"a\": \"1\"}",
                "{\"a\": 1} # {}",
                "{} # {\"a\": 1}",
                "{\"a\": null} # {\"a\": false}",
                "{\"a\": [1, 2]} # {\"a\": [1]}",
                "{\"a\": \"{{int:n}}\"} # {\"a\": \"17\"}",
                "{\"a\": \"{{uuid:u}}\"} # {\"a\": \"17\"}",
                "{\"a\": \"{{host}}\"} # {\"a\": \"aXb:1\"}",
                "{\"a\": \"{{text:t}}\"} # {\"a\": \"\"}",
                "plain # planes"
            })
    void what_differs_is_found(String expected, String actual) {
        assertThatThrownBy(() -> compare(expected, actual)).isInstanceOf(AssertionError.class);
    }
}
