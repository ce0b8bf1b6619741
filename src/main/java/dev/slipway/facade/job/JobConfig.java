package dev.slipway.facade.job;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;

/** The settings of format C. */
@ConfigMapping(prefix = "slipway.facade.job")
public interface JobConfig {
    /** Where the repositories are that a request names by GitHub user, repository and tag. */
    @WithDefault("https://github.com")
    URI github();
}
