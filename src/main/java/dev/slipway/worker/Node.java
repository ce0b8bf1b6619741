package dev.slipway.worker;

import dev.slipway.build.BuildQueue;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Who this process is among the replicas: the data directory's lasting name and a new one for every start. As only one
 * process at a time holds a data directory, an owner with our name and another start is dead for certain.
 */
@ApplicationScoped
public class Node {
    private final String name;
    private final String owner;

    Node(@ConfigProperty(name = "slipway.data") Path data) {
        this.name = nameOf(data.toAbsolutePath());
        this.owner = name + "/" + UUID.randomUUID();
    }

    private static String nameOf(Path data) {
        Path file = data.resolve("node");
        try {
            if (Files.exists(file)) {
                return Files.readString(file).strip();
            }
            String fresh = UUID.randomUUID().toString();
            Files.createDirectories(data);
            Files.writeString(file, fresh + "\n");
            return fresh;
        } catch (IOException e) {
            throw new UncheckedIOException("tried to keep this node's name in " + file + " but it failed: " + e, e);
        }
    }

    /** What stands as the owner in the leases of this process. */
    String owner() {
        return owner;
    }

    /** The owners among those in the database that are earlier starts of this node. */
    List<String> predecessors(BuildQueue queue) {
        return queue.owners().stream()
                .filter(other -> other.startsWith(name + "/") && !other.equals(owner))
                .toList();
    }
}
