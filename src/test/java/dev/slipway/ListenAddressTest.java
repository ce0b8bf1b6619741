package dev.slipway;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.database.StartupException;
import org.junit.jupiter.params.ParameterizedTest;
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
}
