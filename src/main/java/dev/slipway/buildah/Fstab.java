package dev.slipway.buildah;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The mounts of a sandbox as fstab(5) lines: one mount process then makes them all, which is what keeps it fast. */
final class Fstab {
    private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom", "tty");

    /** With what is mounted below: a user namespace may not tear a tree of its parent's mounts apart. */
    private static final String SYSTEM = "rbind,ro";

    private Fstab() {}

    /** The whole file for a sandbox whose root is being made at {@code root}. */
    static String of(Path root, List<Mount> mounts) {
        Stream<String> system = Stream.concat(
                Stream.of(bind(Path.of("/usr"), root.resolve("usr"), SYSTEM)),
                Files.isDirectory(Path.of("/etc/ssl"))
                        ? Stream.of(bind(Path.of("/etc/ssl"), root.resolve("etc/ssl"), SYSTEM))
                        : Stream.of());
        Stream<String> devices = DEVICES.stream()
                .map(device -> bind(Path.of("/dev", device), root.resolve("dev").resolve(device), "bind"));
        Stream<String> fresh = Stream.of(
                "run " + escape(root.resolve("run")) + " tmpfs nosuid,nodev,mode=0755,size=64m 0 0",
                "shm " + escape(root.resolve("dev/shm")) + " tmpfs nosuid,nodev,mode=1777,size=64m 0 0",
                "proc " + escape(root.resolve("proc")) + " proc nosuid,nodev,noexec 0 0");
        Stream<String> given = mounts.stream()
                .map(mount -> bind(
                        mount.source(),
                        root.resolve(mount.target().substring(1)),
                        mount.writable() ? "bind" : "bind,ro"));
        return Stream.of(system, devices, fresh, given)
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String bind(Path source, Path target, String options) {
        return escape(source) + " " + escape(target) + " none " + options + " 0 0";
    }

    /** fstab(5) separates fields by blanks and writes a blank within one in octal. */
    private static String escape(Path path) {
        return path.toString()
                .replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012");
    }
}
