package dev.slipway.build;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** One thing that one attempt of a build did, and when. */
@Entity
@Immutable
@Table(name = "build_step")
public class BuildStep {
    @EmbeddedId
    public Key key;

    @Enumerated(EnumType.STRING)
    public Step step;

    /** {@code running}, {@code succeeded} or {@code failed}. */
    public String status;

    @Column(name = "started_at")
    public Instant startedAt;

    @Column(name = "finished_at")
    public Instant finishedAt;

    /** Which build's attempt, and its how-manieth step, from 1. */
    @Embeddable
    public record Key(@Column(name = "build_id") UUID buildId, int attempt, int position) {}
}
