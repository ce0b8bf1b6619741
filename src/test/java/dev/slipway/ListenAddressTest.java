package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.database.StartupException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.1.2.3"})
    void loopback_needs_nobodys_permission(String host) {
        assertThatCode(() -> ListenAddress.check(host, false)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void anything_else_has_to_be_allowed(String host) {
        assertThatThrownBy(() -> ListenAddress.check(host, false))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(host)
                .hasMessageContaining("slipway.http.allow-unauthenticated");
        assertThatCode(() -> ListenAddress.check(host, true)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"8080, 8080", ":8080, 8080", "' 9000 ', 9000", ":1, 1", "'',", "' ',"})
    void the_port_may_come_as_others_hand_it_over(String port, String expected) {
        assertThat(ListenAddress.port(Map.of("PORT", port))).isEqualTo(Optional.ofNullable(expected));
        assertThat(ListenAddress.port(Map.of())).isEmpty();
        assertThat(ListenAddress.port(Map.of("PORT", port, "SLIPWAY_HTTP_PORT", "1")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "80a", "::80", "65536", "-1", "tcp://10.0.0.1:80"})
    void a_port_that_is_none_stops_the_start(String port) {
        assertThatThrownBy(() -> ListenAddress.port(Map.of("PORT", port)))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(port);
    }
}
