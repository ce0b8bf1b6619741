package dev.slipway.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DatabasesTest {
    @TempDir
    Path temporary;

    private DataDirectory directory;

    @BeforeEach
    void open() {
        directory = DataDirectory.open(temporary.resolve("data"));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void without_a_url_the_embedded_one_is_started_and_a_key_is_made() {
        Config config = config(Map.of());
        try (Database database = Databases.open(config, directory)) {
            assertThat(database.description()).contains("embedded PostgreSQL 17");
            assertThat(Databases.settings(config, directory, database))
                    .containsEntry("quarkus.datasource.jdbc.url", database.jdbcUrl())
                    .containsEntry("quarkus.datasource.reactive.url", database.reactiveUrl())
                    .containsEntry("quarkus.datasource.username", "slipway")
                    .containsEntry("slipway.secret.key-file", directory.key().toString());
            assertThat(directory.key()).exists();
        }
    }

    @Test
    void an_existing_server_is_used_and_asked_first() throws Exception {
        Path key = Files.writeString(temporary.resolve("key"), "c2xpcHdheS1zbGlwd2F5LXNsaXB3YXktc2xpcHdheS0=");
        try (EmbeddedPostgres server = EmbeddedPostgres.start(temporary.resolve("server"))) {
            Map<String, String> right = Map.of(
                    "slipway.database.url", "postgresql://slipway@127.0.0.1:" + server.port() + "/slipway",
                    "slipway.database.password", server.password().reveal(),
                    "slipway.secret.key-file", key.toString());
            Config config = config(right);
            try (Database database = Databases.open(config, directory)) {
                assertThat(database).isInstanceOf(ExternalPostgres.class);
                assertThat(Databases.settings(config, directory, database))
                        .doesNotContainKey("slipway.secret.key-file");
            }
            Map<String, String> wrong = new HashMap<>(right);
            wrong.put("slipway.database.password", "wrong");
            assertRefused(wrong, "password authentication failed");
            assertThat(server.isAlive()).isTrue();
        }
    }

    @Test
    void a_server_that_is_not_there_is_waited_for_and_then_named() throws Exception {
        Path key = Files.writeString(temporary.resolve("key"), "c2xpcHdheS1zbGlwd2F5LXNsaXB3YXktc2xpcHdheS0=");
        assertRefused(
                Map.of(
                        "slipway.database.url", "postgresql://ann@127.0.0.1:1/builds",
                        "slipway.database.password", "pw",
                        "slipway.database.start-timeout", "1S",
                        "slipway.secret.key-file", key.toString()),
                "tried to connect to PostgreSQL at 127.0.0.1:1/builds as ann");
    }

    @Test
    void an_existing_server_needs_a_key_of_ones_own() {
        Map<String, String> settings = Map.of(
                "slipway.database.url", "postgresql://ann@127.0.0.1:1/builds", "slipway.database.password", "pw");
        assertRefused(settings, "openssl rand -base64 32");
        assertThat(directory.key()).doesNotExist();
    }

    @Test
    void a_user_or_password_without_a_url_is_refused() {
        assertRefused(Map.of("slipway.database.user", "ann"), "SLIPWAY_DATABASE_URL");
        assertRefused(Map.of("slipway.database.password", "pw"), "SLIPWAY_DATABASE_URL");
        assertRefused(Map.of("slipway.database.password-file", "/nowhere"), "SLIPWAY_DATABASE_URL");
    }

    private void assertRefused(Map<String, String> settings, String why) {
        assertThatThrownBy(() -> Databases.open(config(settings), directory))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(why);
    }

    private static Config config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withDefaultValues(settings)
                .addDefaultInterceptors()
                .build();
    }
}
