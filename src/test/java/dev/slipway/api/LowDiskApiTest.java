package dev.slipway.api;

import dev.slipway.Everything;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Builds on a disk that counts as full. */
@QuarkusTest
@TestProfile(LowDiskApiTest.NearlyFull.class)
@Timeout(120)
class LowDiskApiTest extends Neighbours {
    /** The whole service on a disk of which everything is to stay free. */
    public static class NearlyFull extends Everything {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put("slipway.buildah.network", "host");
            settings.put("slipway.limit.min-free-disk", "1000000G");
            return settings;
        }
    }

    @Test
    void the_build_that_wrote_most_ends_and_who_wrote_little_goes_on() throws IOException {
        assertSays(
                fails("full", "RUN /bin/busybox dd if=/dev/zero of=/f bs=1M count=300; /bin/busybox sleep 40"),
                "storage-full",
                "less than 1000000 GiB of the disk was free, and of all builds it wrote most: ");
    }
}
