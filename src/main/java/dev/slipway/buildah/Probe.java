package dev.slipway.buildah;

import dev.slipway.process.Command;
import dev.slipway.process.CommandResult;
import dev.slipway.process.CommandRunner;
import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.Tool;
import dev.slipway.process.ToolResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds out, by trying, what the system's buildah and namespaces can do. */
public final class Probe {
    /** How the directories begin in which it tries. */
    static final String DIRECTORY = "probe-";

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Options of {@code buildah bud} that newer versions have and ours may use. */
    private static final List<String> OPTIONAL = List.of("--sbom", "--metadata-file", "--source-date-epoch");

    private static final Pattern VERSION = Pattern.compile("version 1\\.(\\d+)\\.");
    /** Since the correction of CVE-2024-11218, which went back as far as this version. */
    private static final int FIRST_TO_OPEN = 33;

    private static final List<String> DEFAULT_ROUTE = List.of("ip", "-4", "route", "show", "default");

    private final CommandRunner runner;
    private final Path files;
    private final BuildahConfig config;
    private final Limits limits;
    private Delegation groups;
    private boolean pidsLimited;
    private Set<Cidr> allowed = Set.of();

    Probe(CommandRunner runner, Path files, BuildahConfig config, Limits limits, Delegation groups) {
        this.runner = runner;
        this.files = files;
        this.config = config;
        this.limits = limits;
        this.groups = groups;
    }

    /**
     * What was found.
     *
     * @param version buildah's own words; empty where there is none
     * @param features which newer options it has
     * @param driver the storage driver that builds use
     * @param network what RUN steps reach
     * @param holds by what the kernel holds builds to their limits
     * @param allowed what they reach besides, where the network is {@link Network#INTERNET}
     * @param problem why no build can run here, and what to do; empty where all is well
     */
    public record Report(
            String version,
            List<String> features,
            String driver,
            Network network,
            Holds holds,
            Set<Cidr> allowed,
            Optional<String> problem) {

        /**
         * Whether it opens for writing what {@code RUN --mount=type=bind} is to mount, and so needs a context that can be
         * written. It then drops what a step writes there; older ones do not.
         */
        boolean opensWhatItMounts() {
            Matcher number = VERSION.matcher(version);
            return number.find() && Integer.parseInt(number.group(1)) >= FIRST_TO_OPEN;
        }

        /** The network of RUN steps in words. */
        public String reach() {
            String words = network.name().toLowerCase(Locale.ROOT);
            return allowed.isEmpty() ? words : words + ", and of private networks " + join(allowed);
        }

        private static String join(Set<Cidr> networks) {
            return networks.stream().map(Cidr::toString).sorted().collect(Collectors.joining(", "));
        }
    }

    Report run() {
        Output version = tool(List.of("buildah", "--version"));
        if (!version.ok()) {
            return problem(
                    "",
                    "buildah is not installed or does not run (" + version.text()
                            + "); on Debian: apt-get install buildah");
        }
        if (!tool(List.of("sh", "-c", "command -v newuidmap && command -v newgidmap"))
                .ok()) {
            return problem(version.text(), "newuidmap is missing; on Debian: apt-get install uidmap");
        }
        Output namespaces = tool(Sandbox.asRoot("true"));
        if (!namespaces.ok()) {
            return problem(
                    version.text(),
                    "a user namespace with sub-uids cannot be made (" + namespaces.text() + "). This user needs a range"
                            + " in /etc/subuid and /etc/subgid (usermod --add-subuids 100000-165535 --add-subgids"
                            + " 100000-165535 USER; not root), and the kernel must allow unprivileged user namespaces");
        }
        if (config.network() == Network.INTERNET
                && !tool(List.of("sh", "-c", "command -v pasta && command -v ip"))
                        .ok()) {
            return problem(
                    version.text(),
                    "the network of RUN is 'internet', for which pasta and ip are needed; on Debian: apt-get install"
                            + " passt iproute2. Or set SLIPWAY_BUILDAH_NETWORK to 'none', or to 'host', with which RUN"
                            + " also reaches whatever listens on this machine");
        }
        try {
            allowed = config.allowNetworks().orElse(Set.of()).stream()
                    .map(Cidr::parse)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IllegalArgumentException e) {
            return problem(version.text(), "SLIPWAY_BUILDAH_ALLOW_NETWORKS cannot be read: " + e.getMessage());
        }
        Report found = trySandbox(version.text());
        if (found.problem().isEmpty() || !groups.isPresent()) {
            return found;
        }
        groups = Delegation.none("with them (" + groups + ") " + found.problem().get());
        return trySandbox(version.text());
    }

    private Report trySandbox(String version) {
        String failure = "";
        for (String driver : drivers()) {
            failure = tryDriver(driver);
            if (failure.isEmpty()) {
                return new Report(
                        version,
                        features(),
                        driver,
                        config.network(),
                        new Holds(groups, pidsLimited),
                        allowed,
                        Optional.empty());
            }
        }
        return problem(version, "no build sandbox can be made here: " + failure);
    }

    private List<String> drivers() {
        return config.storageDriver() == BuildahConfig.Driver.AUTO
                ? List.of("overlay", "vfs")
                : List.of(config.storageDriver().name().toLowerCase(Locale.ROOT));
    }

    /** Opens a real sandbox and a real store in it. The empty answer is success. */
    private String tryDriver(String driver) {
        Path work = null;
        try {
            work = Files.createTempDirectory(config.directory().toAbsolutePath(), DIRECTORY);
            Path store = Files.createDirectories(work.resolve("store"));
            Path tmp = Files.createDirectories(work.resolve("tmp"));
            Sandbox.Layout layout = new Sandbox.Layout(
                    List.of(
                            Mount.writable(store, "/slot"),
                            Mount.writable(tmp, "/tmp"),
                            Mount.writable(tmp, "/var/tmp")),
                    config.network(),
                    allowed,
                    Optional.of(limits),
                    groups);
            try (Sandbox sandbox = Sandbox.open(runner, work, files, layout, PATIENCE, new Killer())) {
                Output highest = run(List.of("cat", "/proc/sys/kernel/pid_max"), sandbox);
                pidsLimited = highest.text().equals(Integer.toString(limits.highestPid()));
                Output images = run(new Arguments(driver).guardedImages(), sandbox);
                return images.ok() ? connection(sandbox) : images.text();
            }
        } catch (SandboxException | UncheckedIOException | IOException e) {
            return e.getMessage();
        } finally {
            if (work != null) {
                tool(Sandbox.asRoot("rm", "-rf", "--", work.toString()));
            }
        }
    }

    /** pasta says that all is well also where it could not set a route. */
    private String connection(Sandbox sandbox) {
        Output inside = run(DEFAULT_ROUTE, sandbox);
        boolean lost = config.network() == Network.INTERNET
                && inside.ok()
                && !leadsOut(inside)
                && leadsOut(tool(DEFAULT_ROUTE));
        return lost
                ? "this machine has a default route for IPv4 and the sandbox got none, so RUN would have no internet. A"
                        + " newer pasta (package passt) may help; or set SLIPWAY_BUILDAH_NETWORK to 'none', or to"
                        + " 'host', with which RUN also reaches whatever listens on this machine"
                : "";
    }

    private static boolean leadsOut(Output routes) {
        return routes.text().lines().anyMatch(line -> line.startsWith("default "));
    }

    private List<String> features() {
        String help = tool(List.of("buildah", "bud", "--help")).text();
        Stream<String> known = OPTIONAL.stream().filter(option -> help.contains(option + " "));
        return List.copyOf(
                new TreeSet<>(known.map(option -> option.substring(2)).toList()));
    }

    private Report problem(String version, String text) {
        Holds nothing = new Holds(groups, false);
        return new Report(version, List.of(), "none", config.network(), nothing, allowed, Optional.of(text));
    }

    private record Output(boolean ok, String text) {}

    private static Output tool(List<String> argv) {
        try {
            ToolResult result = Tool.run(argv, Map.of(), new byte[0], PATIENCE);
            return new Output(result.succeeded(), result.output());
        } catch (UncheckedIOException e) {
            return new Output(false, e.getMessage());
        }
    }

    private static Output run(List<String> argv, Sandbox sandbox) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Command command = Command.of(PATIENCE, argv).withEnvironment(Sandbox.environment());
        CommandResult result = sandbox.run(command, (stream, buffer, length) -> {
            synchronized (said) {
                said.write(buffer, 0, length);
            }
        });
        return new Output(
                result.succeeded(), said.toString(StandardCharsets.UTF_8).strip());
    }
}
