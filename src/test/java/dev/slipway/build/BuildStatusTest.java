package dev.slipway.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BuildStatusTest {
    private static final Pattern PAIR = Pattern.compile("\\('([A-Z]+)', '([A-Z]+)'\\)");

    @Test
    void the_database_has_the_same_transitions() throws IOException {
        String migration;
        try (InputStream in = getClass().getResourceAsStream("/db/migration/V1__build.sql")) {
            migration = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String guard = migration.substring(migration.indexOf("function build_guard_transition"));
        Set<String> database = PAIR.matcher(guard.substring(0, guard.indexOf("then")))
                .results()
                .map(pair -> pair.group(1) + " to " + pair.group(2))
                .collect(Collectors.toSet());

        Set<String> code = Arrays.stream(BuildStatus.values())
                .flatMap(from -> from.next().stream().map(to -> from + " to " + to))
                .collect(Collectors.toSet());

        assertThat(database).isEqualTo(code);
    }

    @Test
    void a_transition_that_is_not_in_the_table_cannot_even_be_written() {
        assertThatThrownBy(() -> Transition.to(BuildStatus.RUNNING).from(BuildStatus.SUCCEEDED))
                .hasMessageContaining("SUCCEEDED");
    }
}
