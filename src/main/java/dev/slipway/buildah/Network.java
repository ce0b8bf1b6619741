package dev.slipway.buildah;

/** What of the network the processes of a sandbox reach. */
public enum Network {
    /** Nothing, not even a loopback interface that is up. */
    NONE,
    /** Everything that the host reaches, its own loopback ports included. */
    HOST
}
