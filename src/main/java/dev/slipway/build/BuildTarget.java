package dev.slipway.build;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** An image reference that a build pushes to, and what became of it. */
@Entity
@Immutable
@Table(name = "build_target")
public class BuildTarget {
    @EmbeddedId
    public Key key;

    /** The resolved reference. */
    public String image;

    /** {@link TargetStatus#text()}. */
    public String status;

    /** What the registry calls it, once pushed. */
    public String digest;

    /** Why it is not pushed. */
    public String error;

    /** Which build's how-manieth target, from 0. */
    @Embeddable
    public record Key(@Column(name = "build_id") UUID buildId, int position) {}
}
