package dev.slipway.http;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;
import java.util.Set;

/** The settings of the foreign wire formats. */
@ConfigMapping(prefix = "slipway.facade")
public interface FacadeConfig {
    /** The formats that are not served; their paths answer 404. */
    Optional<Set<String>> off();
}
