package dev.slipway;

import dev.slipway.joblog.CountingLogRepository;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** No workers, quick heartbeats, and a count of what followers cost the database. */
public final class LiveLogs extends QueueOnly {
    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
        settings.put("slipway.api.heartbeat", "PT0.2S");
        settings.put("slipway.log.poll-interval", "PT0.1S");
        return settings;
    }

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(CountingLogRepository.class);
    }
}
