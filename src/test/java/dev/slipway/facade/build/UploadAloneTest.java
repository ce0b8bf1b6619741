package dev.slipway.facade.build;

import dev.slipway.QueueOnly;
import dev.slipway.RefusalFixture;
import dev.slipway.Transcript;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The path with format E switched off. */
@QuarkusTest
@TestProfile(UploadAloneTest.Switched.class)
@Timeout(120)
class UploadAloneTest extends RefusalFixture {
    /** The setting. */
    public static class Switched extends QueueOnly {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put("slipway.facade.off", "task");
            return settings;
        }
    }

    @Test
    void what_is_off_is_as_if_it_were_not_there() {
        Transcript.of("facade/build/upload-alone.http").replay(client);
    }
}
