package dev.slipway.http;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;

/** The application without its database and with short limits: what these tests need is HTTP alone. */
public class WithoutDatabase implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.ofEntries(
                Map.entry("quarkus.datasource.active", "false"),
                Map.entry("quarkus.datasource.reactive.url", "vertx-reactive:postgresql://localhost:1/none"),
                Map.entry("quarkus.datasource.jdbc.url", "jdbc:postgresql://localhost:1/none"),
                Map.entry("quarkus.hibernate-orm.active", "false"),
                Map.entry("quarkus.flyway.active", "false"),
                Map.entry("quarkus.flyway.migrate-at-start", "false"),
                Map.entry("quarkus.scheduler.enabled", "false"),
                Map.entry("slipway.http.allow-unauthenticated", "false"),
                Map.entry("slipway.http.max-body", "100M"),
                Map.entry("slipway.http.body-buffer", "1M"),
                Map.entry("slipway.http.body-idle-timeout", "PT1.5S"),
                Map.entry("slipway.http.drain-limit", "32M"),
                Map.entry("slipway.http.drain-timeout", "PT1S"));
    }
}
