package dev.slipway.buildah;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** What stands in every sandbox's /etc: one user, and how buildah treats registries. */
final class SandboxFiles {
    private SandboxFiles() {}

    static void write(Path etc, Set<String> insecureRegistries) throws IOException {
        Files.createDirectories(etc.resolve("containers"));
        Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/run/home:/bin/sh\n");
        Files.writeString(etc.resolve("group"), "root:x:0:\n");
        Files.writeString(
                etc.resolve("containers/policy.json"), "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}\n");
        Files.writeString(etc.resolve("containers/registries.conf"), registries(insecureRegistries));
    }

    static String registries(Set<String> insecure) {
        StringBuilder conf =
                new StringBuilder("unqualified-search-registries = [\"docker.io\"]\nshort-name-mode = \"disabled\"\n");
        for (String host : new TreeSet<>(insecure)) {
            conf.append("\n[[registry]]\nlocation = \"").append(host).append("\"\ninsecure = true\n");
        }
        return conf.toString();
    }
}
