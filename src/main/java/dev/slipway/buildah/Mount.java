package dev.slipway.buildah;

import java.nio.file.Path;

/** A directory or file of ours that a sandbox sees at {@code target}. */
record Mount(Path source, String target, boolean writable) {
    static Mount writable(Path source, String target) {
        return new Mount(source, target, true);
    }

    static Mount readOnly(Path source, String target) {
        return new Mount(source, target, false);
    }
}
