package dev.slipway.fetch;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Settings under which nobody has to wait. */
record TestFetchConfig(Optional<Set<String>> allowHosts) implements FetchConfig {
    static TestFetchConfig allowing(String... hosts) {
        return new TestFetchConfig(Optional.of(Set.of(hosts)));
    }

    @Override
    public Duration connectTimeout() {
        return Duration.ofSeconds(5);
    }

    @Override
    public Duration responseTimeout() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Duration idleTimeout() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Duration timeout() {
        return Duration.ofSeconds(20);
    }

    @Override
    public int tries() {
        return 3;
    }

    @Override
    public Duration retryDelay() {
        return Duration.ofMillis(5);
    }

    @Override
    public Duration maxRetryDelay() {
        return Duration.ofMillis(50);
    }
}
