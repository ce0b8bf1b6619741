package dev.slipway.docs;

import dev.slipway.QueueOnly;
import java.util.HashMap;
import java.util.Map;

/** The service without workers, with a registry for names that have none. */
public class AtHome extends QueueOnly {
    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
        settings.put("slipway.registry.default-host", "registry.invalid");
        return settings;
    }
}
