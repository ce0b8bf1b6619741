package dev.slipway.api;

import dev.slipway.QueueOnly;
import java.util.HashMap;
import java.util.Map;

/** The service without workers, with limits so low that each is easily met. */
public class TightLimits extends QueueOnly {
    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
        settings.put("slipway.registry.default-host", "registry.invalid");
        settings.put("slipway.http.body-idle-timeout", "PT1.5S");
        settings.put("slipway.http.max-body", "8M");
        settings.put("slipway.source.max-entries", "20");
        settings.put("slipway.source.max-name", "200");
        settings.put("slipway.source.max-unpacked", "4M");
        settings.put("slipway.source.decoder-memory", "1M");
        return settings;
    }

    /** The same on a disk that is never empty enough. */
    public static class NoRoom extends TightLimits {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put("slipway.source.min-free-disk", "1000000000M");
            return settings;
        }
    }
}
