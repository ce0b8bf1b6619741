package dev.slipway.ops;

import dev.slipway.buildah.Buildah;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready only where builds can run. */
@Readiness
@ApplicationScoped
class BuildahHealth implements HealthCheck {
    private final Buildah buildah;

    BuildahHealth(Buildah buildah) {
        this.buildah = buildah;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("buildah");
        return buildah.report()
                .map(report -> report.problem()
                        .map(problem -> response.down().withData("problem", problem))
                        .orElseGet(() -> response.up().withData("version", report.version())))
                .orElseGet(() -> response.down().withData("problem", "not looked for yet"))
                .build();
    }
}
