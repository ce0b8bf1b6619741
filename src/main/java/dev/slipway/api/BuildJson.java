package dev.slipway.api;

import dev.slipway.build.Build;
import dev.slipway.build.BuildStep;
import dev.slipway.build.BuildTarget;
import dev.slipway.build.BuildView;
import dev.slipway.build.TargetStatus;
import dev.slipway.error.ErrorCode;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** A build as our API shows it. */
public record BuildJson(
        UUID id,
        long number,
        String status,
        String step,
        boolean cancelRequested,
        List<String> images,
        List<Target> targets,
        String imageId,
        String digest,
        int attempt,
        Source source,
        Long queuePosition,
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt,
        List<StepRun> steps,
        Failure error,
        Links links) {
    /** The causes that may be gone at the next try, with the same source. */
    private static final Set<ErrorCode> RETRYABLE = EnumSet.of(
            ErrorCode.FETCH_FAILED,
            ErrorCode.PULL_FAILED,
            ErrorCode.LOGIN_FAILED,
            ErrorCode.PUSH_FAILED,
            ErrorCode.TIMED_OUT,
            ErrorCode.CANCELLED,
            ErrorCode.WORKER_CRASHED,
            ErrorCode.STORAGE_FULL,
            ErrorCode.INTERNAL);

    /** One target and what became of it. */
    public record Target(String image, String status, String digest, String error) {
        static Target of(BuildTarget target) {
            return new Target(target.image, target.status, target.digest, target.error);
        }
    }

    /** What was handed in; size and hash are null as long as it was not fetched. */
    public record Source(String kind, Long size, String sha256) {}

    /** A step of an attempt. */
    public record StepRun(String step, int attempt, String status, Instant startedAt, Instant finishedAt) {
        static StepRun of(BuildStep step) {
            return new StepRun(step.step.name(), step.key.attempt(), step.status, step.startedAt, step.finishedAt);
        }
    }

    /** Why it failed, with the same types that our problem documents have. */
    public record Failure(String type, String title, String detail, String step, Integer exitCode, boolean retryable) {
        static Failure of(Build build) {
            if (build.errorCode == null) {
                return null;
            }
            ErrorCode code = ErrorCode.ofSlug(build.errorCode);
            return new Failure(
                    "/problems/" + code.slug(),
                    code.title(),
                    build.errorDetail,
                    build.errorStep == null ? null : build.errorStep.name(),
                    build.errorExitCode,
                    RETRYABLE.contains(code));
        }
    }

    /** Where to go from here. */
    public record Links(String self, String logs, String cancel, String retry) {
        static Links of(UUID id) {
            String self = "/api/v1/builds/" + id;
            return new Links(self, self + "/logs", self + "/cancel", self + "/retry");
        }
    }

    static BuildJson of(BuildView view) {
        Build build = view.build();
        return new BuildJson(
                build.id,
                build.number,
                build.status.name(),
                build.step == null ? null : build.step.name(),
                build.cancelRequested,
                view.targets().stream().map(target -> target.image).toList(),
                view.targets().stream().map(Target::of).toList(),
                build.imageId,
                view.targets().stream()
                        .filter(target -> target.key.position() == 0)
                        .filter(target -> target.status.equals(TargetStatus.PUSHED.text()))
                        .map(target -> target.digest)
                        .findFirst()
                        .orElse(null),
                build.attempt,
                new Source(build.sourceKind.toLowerCase(java.util.Locale.ROOT), build.sourceSize, build.sourceSha256),
                view.queuePosition().isPresent() ? view.queuePosition().getAsLong() : null,
                build.createdAt,
                build.startedAt,
                build.finishedAt,
                view.steps().stream().map(StepRun::of).toList(),
                Failure.of(build),
                Links.of(build.id));
    }
}
