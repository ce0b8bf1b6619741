package dev.slipway.retention;

import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

/** The rules of a test, which take nothing unless one says otherwise. */
record Rules(
        Duration buildsAge,
        long buildsCount,
        Duration logsAge,
        MemorySize logsSize,
        Duration sourcesAge,
        Optional<MemorySize> sourcesSize)
        implements RetentionConfig {
    private static final Duration AGES = Duration.ofDays(10_000);

    static final Rules NONE = new Rules(AGES, 1_000_000, AGES, bytes(1L << 40), AGES, Optional.of(bytes(1L << 40)));

    @Override
    public Duration interval() {
        return AGES;
    }

    static MemorySize bytes(long bytes) {
        return new MemorySize(BigInteger.valueOf(bytes));
    }

    Rules builds(Duration age) {
        return new Rules(age, buildsCount, logsAge, logsSize, sourcesAge, sourcesSize);
    }

    Rules builds(long count) {
        return new Rules(buildsAge, count, logsAge, logsSize, sourcesAge, sourcesSize);
    }

    Rules logs(Duration age) {
        return new Rules(buildsAge, buildsCount, age, logsSize, sourcesAge, sourcesSize);
    }

    Rules logs(long size) {
        return new Rules(buildsAge, buildsCount, logsAge, bytes(size), sourcesAge, sourcesSize);
    }

    Rules sources(Duration age) {
        return new Rules(buildsAge, buildsCount, logsAge, logsSize, age, sourcesSize);
    }

    Rules sources(long size) {
        return new Rules(buildsAge, buildsCount, logsAge, logsSize, sourcesAge, Optional.of(bytes(size)));
    }
}
