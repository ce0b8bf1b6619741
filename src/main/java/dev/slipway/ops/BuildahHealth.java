package dev.slipway.ops;

import dev.slipway.buildah.Buildah;
import dev.slipway.worker.WorkerPool;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready only where builds can run, or where none are to. */
@Readiness
@ApplicationScoped
class BuildahHealth implements HealthCheck {
    private final Buildah buildah;
    private final WorkerPool workers;

    BuildahHealth(Buildah buildah, WorkerPool workers) {
        this.buildah = buildah;
        this.workers = workers;
    }

    @Override
    public HealthCheckResponse call() {
        var response = HealthCheckResponse.named("buildah");
        if (workers.slots() == 0) {
            return response.up().withData("slots", 0).build();
        }
        return buildah.report()
                .map(report -> report.problem()
                        .map(problem -> response.down().withData("problem", problem))
                        .orElseGet(() -> response.up().withData("version", report.version())))
                .orElseGet(() -> response.down().withData("problem", "not looked for yet"))
                .build();
    }
}
