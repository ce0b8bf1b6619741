package dev.slipway.intake;

/** How a wire format spells the fields of a submission, so that what is said of one is in its caller's words. */
@FunctionalInterface
public interface Spelling {
    /** As the forms and queries of our own API have them. */
    Spelling OWN = field -> field;

    /** The name under which {@code field}, as our own forms call it, came. */
    String of(String field);
}
