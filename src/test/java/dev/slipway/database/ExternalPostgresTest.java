package dev.slipway.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExternalPostgresTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "postgresql://ann@db.example:5433/builds,             db.example:5433/builds,        ann",
        "postgres://ann@db.example/builds,                    db.example:5432/builds,        ann",
        "jdbc:postgresql://ann@db.example:5433/builds,        db.example:5433/builds,        ann",
        "jdbc:postgresql://db_1/builds,                       db_1:5432/builds,              bob",
        "postgresql://[::1]:5433/builds,                      [::1]:5433/builds,             bob",
        "postgresql://bob@db/builds,                          db:5432/builds,                bob",
        "postgresql://@db/builds?sslmode=require,             db:5432/builds?sslmode=require, bob"
    })
    void a_url_of_either_form_serves_both_drivers(String url, String address, String user) {
        Optional<String> name = user.equals("bob") ? Optional.of("bob") : Optional.empty();
        ExternalPostgres database = ExternalPostgres.of(settings(url, name, Optional.of("pw"), Optional.empty()));
        assertThat(database.jdbcUrl()).isEqualTo("jdbc:postgresql://" + address);
        assertThat(database.reactiveUrl()).isEqualTo("postgresql://" + address);
        assertThat(database.user()).isEqualTo(user);
        assertThat(database.password()).isEqualTo(Secret.of("pw"));
        assertThat(database.description()).doesNotContain("pw");
    }

    @ParameterizedTest
    @CsvSource({
        "mysql://ann@db/builds,                        must look like",
        "postgresql://ann@db,                          must look like",
        "postgresql://ann@/builds,                     must look like",
        "postgresql://ann@db:port/builds,              must look like",
        "postgresql://ann@db/a/b,                      must look like",
        "not a url,                                    must look like",
        "postgresql://ann:hunter2@db/builds,           SLIPWAY_DATABASE_PASSWORD_FILE",
        "postgresql://ann@db:70000/builds,             70000",
        "postgresql://ann@db/builds?sslmode=sometimes, sslmode",
        "postgresql://ann@db/builds?password=hunter2,  sslmode",
        "postgresql://ann@db/builds?sslmode=prefer,    sslmode",
        "postgresql://db/builds,                       no user"
    })
    void a_url_that_cannot_be_used_says_why_without_showing_a_password(String url, String why) {
        assertThatThrownBy(
                        () -> ExternalPostgres.of(settings(url, Optional.empty(), Optional.of("pw"), Optional.empty())))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(why)
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @CsvSource({"?sslmode=require, true", "?sslmode=disable, false", "'', false"})
    void encryption_is_asked_of_both_drivers(String option, boolean encrypted) {
        ExternalPostgres database = ExternalPostgres.of(
                settings("postgresql://ann@db/builds" + option, Optional.empty(), Optional.of("pw"), Optional.empty()));
        assertThat(Databases.settings(database))
                .containsEntry("quarkus.datasource.reactive.trust-all", Boolean.toString(encrypted))
                .hasEntrySatisfying(
                        "quarkus.datasource.jdbc.url", url -> assertThat(url).endsWith(option));
    }

    @Test
    void the_password_comes_from_a_file() throws IOException {
        Path file = Files.writeString(directory.resolve("password"), "from a file\n");
        ExternalPostgres database = ExternalPostgres.of(
                settings("postgresql://ann@db/builds", Optional.empty(), Optional.empty(), Optional.of(file)));
        assertThat(database.password()).isEqualTo(Secret.of("from a file"));
    }

    @Test
    void half_a_configuration_is_refused() {
        String url = "postgresql://ann@db/builds";
        Path file = directory.resolve("missing");
        assertRefused(url, Optional.empty(), Optional.empty(), Optional.empty(), "no password");
        assertRefused(url, Optional.of("bob"), Optional.of("pw"), Optional.empty(), "different users");
        assertRefused(url, Optional.empty(), Optional.of("pw"), Optional.of(file), "both set");
        assertRefused(url, Optional.empty(), Optional.empty(), Optional.of(file), file.toString());
    }

    private static void assertRefused(
            String url, Optional<String> user, Optional<String> password, Optional<Path> file, String why) {
        assertThatThrownBy(() -> ExternalPostgres.of(settings(url, user, password, file)))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(why);
    }

    private static DatabaseConfig settings(
            String url, Optional<String> user, Optional<String> password, Optional<Path> file) {
        return new DatabaseSettings(Optional.of(url), user, password, file, Duration.ofSeconds(1));
    }
}
