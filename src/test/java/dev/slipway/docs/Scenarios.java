package dev.slipway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How documented answers are provoked, each by its name: operation, status, and the problem's code or the body's type,
 * for example {@code createBuild 400 archive-corrupt}.
 *
 * @param <T> the test whose service answers
 */
final class Scenarios<T> {
    private final Map<String, Provocation<T>> all = new LinkedHashMap<>();

    /** What to do for one answer. */
    @FunctionalInterface
    interface Provocation<T> {
        Exchange with(T test) throws Exception;
    }

    Scenarios<T> add(String name, Provocation<T> provocation) {
        assertThat(all.put(name, provocation)).as("a second " + name).isNull();
        return this;
    }

    Set<String> names() {
        return all.keySet();
    }

    /** Fails unless the answer is the one that the name promises, and as documented. */
    void provoke(String name, T test, URI service) throws Exception {
        Exchange exchange = all.get(name).with(test);
        Documented.check(ApiDocument.of(service), exchange);
        assertThat(ApiDocument.of(service).name(exchange))
                .as(exchange.toString())
                .isEqualTo(name);
    }
}
