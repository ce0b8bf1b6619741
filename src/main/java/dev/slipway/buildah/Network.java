package dev.slipway.buildah;

/** What of the network the processes of a sandbox reach. */
public enum Network {
    /** Nothing, not even a loopback interface that is up. */
    NONE,
    /** What the host reaches outside, without its own ports, private networks and metadata services. */
    INTERNET,
    /** Everything that the host reaches, its own loopback ports included. */
    HOST
}
