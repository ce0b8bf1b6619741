package dev.slipway.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The control group (version 2) that the system has left to this service, if it has. It is divided: the service's processes
 * go into one leaf, for the kernel wants none beside groups that it limits, and each sandbox gets a group next to that.
 */
public final class Delegation {
    private static final Logger LOG = Logger.getLogger(Delegation.class);
    private static final String SERVICE = "slipway-service";
    /** Behind it stand the number of the process that made it and something of its own. */
    private static final String SANDBOX = "slipway-sandbox-";

    private static final String HANDED_DOWN = "cgroup.subtree_control";
    private static final List<String> WANTED = List.of("memory", "pids", "cpu");
    /** Who starts processes meanwhile may need several looks. */
    private static final int LOOKS = 10;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Optional<Path> group;
    private final Set<String> controllers;
    private final String description;

    private Delegation(Optional<Path> group, Set<String> controllers, String description) {
        this.group = group;
        this.controllers = controllers;
        this.description = description;
    }

    /** No group, and why. */
    public static Delegation none(String why) {
        return new Delegation(Optional.empty(), Set.of(), "not used: " + why);
    }

    /** Looks for the group, divides it, and ends the sandboxes in it whose service is dead. */
    public static Delegation take() {
        return take(Path.of("/proc/self"));
    }

    /** @param process the directory that tells of this process */
    static Delegation take(Path process) {
        try {
            Optional<Path> ours = find(process).map(Delegation::aboveTheLeaf).filter(Delegation::isLeftToUs);
            return ours.isPresent()
                    ? divide(ours.get())
                    : none("no control group is delegated to this service (systemd: Delegate=yes)");
        } catch (IOException e) {
            return none("tried to divide the control group of this service but it failed: " + e.getMessage());
        }
    }

    /**
     * Where the group of a process is seen. A line of mountinfo: ID PARENT DEVICE ROOT PLACE OPTIONS... - TYPE..., where
     * ROOT is the group that stands at PLACE.
     */
    private static Optional<Path> find(Path process) throws IOException {
        Optional<Path> path = Files.readAllLines(process.resolve("cgroup")).stream()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> Path.of(line.substring(3)))
                .findFirst();
        if (path.isEmpty()) {
            return path;
        }
        return Files.readAllLines(process.resolve("mountinfo")).stream()
                .filter(line -> line.contains(" - cgroup2 "))
                .map(line -> line.split(" "))
                .filter(mount -> path.get().startsWith(mount[3]))
                .map(mount -> Path.of(
                        mount[4], Path.of(mount[3]).relativize(path.get()).toString()))
                .filter(Files::isDirectory)
                .findFirst();
    }

    /** Who starts a service may be in another one's leaf. */
    private static Path aboveTheLeaf(Path group) {
        return group.endsWith(SERVICE) ? group.getParent() : group;
    }

    /** The root of all has no events, and is nobody's to divide. */
    private static boolean isLeftToUs(Path group) {
        return Files.exists(group.resolve("cgroup.events"))
                && Files.isWritable(group)
                && Files.isWritable(group.resolve(ControlGroup.PROCESSES))
                && Files.isWritable(group.resolve(HANDED_DOWN))
                && isNotSystemds(group);
    }

    /** What systemd has made it manages alone, even where it belongs to us, unless it carries its mark. */
    private static boolean isNotSystemds(Path group) {
        if (!group.getFileName().toString().matches(".*\\.(service|scope|slice)")) {
            return true;
        }
        try {
            return Files.getFileAttributeView(group, UserDefinedFileAttributeView.class)
                    .list()
                    .contains("delegate");
        } catch (IOException e) {
            return false;
        }
    }

    private static Delegation divide(Path group) throws IOException {
        Path leaf = group.resolve(SERVICE);
        Files.createDirectories(leaf);
        moveAll(group, leaf);
        String known = " " + Census.text(group.resolve("cgroup.controllers")).strip() + " ";
        Set<String> controllers = WANTED.stream()
                .filter(name -> known.contains(" " + name + " "))
                .collect(Collectors.toCollection(TreeSet::new));
        if (!controllers.isEmpty()) {
            Files.writeString(group.resolve(HANDED_DOWN), "+" + String.join(" +", controllers));
        }
        endOrphans(group, leaf);
        return new Delegation(
                Optional.of(group),
                controllers,
                (controllers.isEmpty() ? "only to end builds by" : String.join(", ", controllers)) + ", in " + group);
    }

    private static void moveAll(Path from, Path to) throws IOException {
        List<String> left = processes(from);
        for (int look = 1; !left.isEmpty(); look++) {
            if (look > LOOKS) {
                throw new IOException("processes stay in " + from + ": " + left);
            }
            for (String process : left) {
                try {
                    Files.writeString(to.resolve(ControlGroup.PROCESSES), process);
                } catch (IOException e) {
                    LOG.debugf("process %s ended meanwhile, or is not ours: %s", process, e.getMessage());
                }
            }
            left = processes(from);
        }
    }

    private static List<String> processes(Path group) throws IOException {
        return Files.readAllLines(group.resolve(ControlGroup.PROCESSES));
    }

    private static void endOrphans(Path group, Path leaf) throws IOException {
        try (DirectoryStream<Path> sandboxes = Files.newDirectoryStream(group, SANDBOX + "*")) {
            for (Path sandbox : sandboxes) {
                String owner = sandbox.getFileName()
                        .toString()
                        .substring(SANDBOX.length())
                        .split("-")[0];
                if (!processes(leaf).contains(owner)) {
                    LOG.warnf("ending the sandbox of a service that is gone: %s", sandbox);
                    if (!new ControlGroup(sandbox).remove(PATIENCE)) {
                        LOG.errorf("processes in %s did not end within %s", sandbox, PATIENCE);
                    }
                }
            }
        }
    }

    /**
     * A new group for one sandbox; empty where none is delegated, or it could not be made.
     *
     * @param values what is written to its files, as far as their controllers are delegated
     */
    public Optional<ControlGroup> make(Map<String, String> values) {
        return group.flatMap(above -> {
            String name = SANDBOX + ProcessHandle.current().pid() + "-";
            try {
                return Optional.of(ControlGroup.make(above, name, controllers, values));
            } catch (IOException e) {
                LOG.warnf(
                        "a sandbox goes without a control group: tried to make one in %s but it failed: %s", above, e);
                return Optional.empty();
            }
        });
    }

    /** Whether there is one. */
    public boolean isPresent() {
        return group.isPresent();
    }

    /** Whether groups hold their processes to a limit of this controller's. */
    public boolean has(String controller) {
        return controllers.contains(controller);
    }

    /** What there is, or why there is nothing. */
    @Override
    public String toString() {
        return description;
    }
}
