package dev.slipway;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;

/** The whole service on a real database and a real registry, with two slots; all its tests share one start. */
public class Everything implements QuarkusTestProfile {
    /** How many builds run at a time. */
    public static final int SLOTS = 2;

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(
                new TestResourceEntry(TestDatabase.class),
                new TestResourceEntry(TestRegistry.class),
                new TestResourceEntry(TestSite.class));
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("slipway.worker.slots", Integer.toString(SLOTS), "slipway.worker.registry-retry-delay", "PT0.1S");
    }
}
