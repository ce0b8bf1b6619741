package dev.slipway.build;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/**
 * One request to turn a source into pushed images, as it is read. Its row is written by {@link SubmissionRepository}
 * and then by {@link QueueRepository} alone, because every change is one guarded UPDATE.
 */
@Entity
@Immutable
@Table(name = "build")
public class Build {
    @Id
    public UUID id;

    /** 1, 2, 3 …, with gaps. */
    public long number;

    @Enumerated(EnumType.STRING)
    public BuildStatus status;

    /** How many workers have claimed it. */
    public int attempt;

    @Column(name = "cancel_requested")
    public boolean cancelRequested;

    @Column(name = "created_at")
    public Instant createdAt;

    /** Its place in the queue. */
    @Column(name = "queued_at")
    public Instant queuedAt;

    @Column(name = "started_at")
    public Instant startedAt;

    @Column(name = "finished_at")
    public Instant finishedAt;

    @Enumerated(EnumType.STRING)
    public Step step;

    @Column(name = "source_kind")
    public String sourceKind;

    /** Null as long as it was not fetched. */
    @Column(name = "source_size")
    public Long sourceSize;

    /** Null as long as it was not fetched. */
    @Column(name = "source_sha256")
    public String sourceSha256;

    @Column(name = "image_id")
    public String imageId;

    /** A slug of {@link dev.slipway.error.ErrorCode}. */
    @Column(name = "error_code")
    public String errorCode;

    @Column(name = "error_detail")
    public String errorDetail;

    @Enumerated(EnumType.STRING)
    @Column(name = "error_step")
    public Step errorStep;

    @Column(name = "error_exit_code")
    public Integer errorExitCode;

    public String origin;

    /** The origin's own fields, as a JSON object. */
    @Column(name = "origin_fields")
    public String originFields;

    /** Whether BUILD is behind it: what is left, or was left when it ended, is to push its image. */
    public boolean isBuilt() {
        Step last = errorStep == null ? step : errorStep;
        return imageId != null || status != BuildStatus.QUEUED && last != null && last.compareTo(Step.BUILD) > 0;
    }
}
