package dev.slipway.http;

import dev.slipway.TestDatabase;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;

/** The application with short limits, no workers and one format switched off: what these tests need is HTTP alone. */
public class ShortLimits implements QuarkusTestProfile {
    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(TestDatabase.class));
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.ofEntries(
                Map.entry("slipway.worker.slots", "0"),
                Map.entry("slipway.facade.off", "upload,task"),
                Map.entry("slipway.http.head-timeout", "PT5S"),
                Map.entry("slipway.http.max-body", "100M"),
                Map.entry("slipway.http.body-buffer", "1M"),
                Map.entry("slipway.http.body-idle-timeout", "PT1.5S"),
                Map.entry("slipway.http.drain-limit", "32M"),
                Map.entry("slipway.http.drain-timeout", "PT1S"));
    }
}
