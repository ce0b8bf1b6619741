package dev.slipway.build;

/** What a running build is doing: shown to people and timed, never a state. */
public enum Step {
    FETCH,
    UNPACK,
    PULL,
    BUILD,
    TAG,
    LOGIN,
    PUSH
}
