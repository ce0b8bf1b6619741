package dev.slipway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The control group (version 2) that deploy/test has made for the tests, where it could. */
public final class TestGroup {
    private TestGroup() {}

    /** The group that these tests, or the leaf they were moved to, are in; empty where it is not theirs to divide. */
    public static Optional<Path> delegated() {
        String ours = of("self");
        if (ours.endsWith("/slipway-service")) {
            ours = ours.substring(0, ours.lastIndexOf('/'));
        }
        String path = ours;
        return lines("/proc/mounts").stream()
                .map(line -> line.split(" "))
                .filter(mount -> mount[2].equals("cgroup2"))
                .map(mount -> Path.of(mount[1] + path))
                .filter(group -> path.length() > 1 && isOurs(group))
                .findFirst();
    }

    /** The path of the group that a process is in. */
    public static String of(String process) {
        return lines("/proc/" + process + "/cgroup").stream()
                .filter(line -> line.startsWith("0::"))
                .map(line -> line.substring(3))
                .findFirst()
                .orElse("");
    }

    /** The groups of sandboxes that a process has made. */
    public static List<Path> sandboxes(Path delegated, long process) {
        try (Stream<Path> groups = Files.list(delegated)) {
            return groups.filter(group -> group.getFileName().toString().startsWith("slipway-sandbox-" + process + "-"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOurs(Path group) {
        try {
            return Files.getOwner(group).getName().equals(System.getProperty("user.name"));
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException e) {
            return List.of();
        }
    }
}
