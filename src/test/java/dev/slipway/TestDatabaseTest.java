package dev.slipway;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.secret.Secret;
import dev.slipway.secret.Vault;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(QueueOnly.class)
class TestDatabaseTest {
    private static final byte[] ROW = {1, 2, 3};

    @Inject
    Flyway flyway;

    @Inject
    Vault vault;

    @Test
    void the_application_runs_on_a_migrated_database() {
        assertThat(flyway.info().applied()).isNotEmpty();
        assertThat(flyway.info().pending()).isEmpty();
        get("/q/health").then().statusCode(200);
    }

    @Test
    void the_vault_is_there() {
        assertThat(vault.open(vault.seal(Secret.of("hunter2"), ROW), ROW)).isEqualTo(Secret.of("hunter2"));
    }
}
