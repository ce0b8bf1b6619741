package dev.slipway.buildah;

import dev.slipway.image.Registries;
import dev.slipway.process.Command;
import dev.slipway.process.CommandResult;
import dev.slipway.process.CommandRunner;
import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import dev.slipway.process.ProcessCommandRunner;
import dev.slipway.process.Tool;
import dev.slipway.process.ToolResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens the three sandboxes of a build, each of which sees no more than its steps need. */
@ApplicationScoped
public class Buildah {
    /** SINCE TREE...: blocks, and those of a file with several names once. Files may go away meanwhile. */
    private static final String WRITTEN = """
            exec 2>/dev/null
            since=$1
            shift
            nice -n 10 find "$@" -newerct "$since" -printf '%D:%i %n %b\\n' |
                awk '$2 > 1 && seen[$1]++ { next } { sum += $3 } END { printf "%.0f", sum * 512 }'
            """;

    private final BuildahConfig config;
    private final Registries registries;
    private final CommandRunner runner = new ProcessCommandRunner();
    private final Path files;
    private final Limits limits;
    private Delegation groups;
    private volatile Optional<Probe.Report> report = Optional.empty();

    Buildah(BuildahConfig config, LimitConfig limits, Registries registries) {
        this.config = config;
        this.registries = registries;
        this.limits = Limits.of(limits);
        this.files = config.directory().toAbsolutePath().resolve("etc");
    }

    /**
     * One attempt's part in a sandbox.
     *
     * @param store what its slot keeps; used by no other attempt meanwhile
     * @param work an empty directory of this sandbox's own
     * @param silence how long the sandbox lives without a heartbeat
     * @param killer ends it
     */
    public record Attempt(Store store, Path work, Duration silence, Killer killer) {}

    /** Looks for buildah and tries a sandbox; the answer stays in {@link #report()}. */
    public synchronized Probe.Report probe() {
        try {
            SandboxFiles.write(files, registries.insecure());
            deleteProbes();
        } catch (IOException e) {
            throw new UncheckedIOException("tried to write " + files + " but it failed", e);
        }
        if (groups == null) {
            groups = Delegation.take();
        }
        Probe.Report found = new Probe(runner, files, config, limits, groups).run();
        report = Optional.of(found);
        return found;
    }

    /** What a start left that was cut short. */
    private void deleteProbes() throws IOException {
        try (DirectoryStream<Path> probes = Files.newDirectoryStream(files.getParent(), Probe.DIRECTORY + "*")) {
            probes.forEach(this::deleteTree);
        }
    }

    /** What one build may use. */
    public Limits limits() {
        return limits;
    }

    /** What {@link #probe()} found; empty before it ran. */
    public Optional<Probe.Report> report() {
        return report;
    }

    /** For PULL: the network and, after a login, a password; nothing of the user's runs in it. */
    public BuildahSandbox openPull(Attempt attempt) {
        return open(attempt, List.of(), Network.HOST, Optional.empty());
    }

    /** For BUILD: the context and what RUN may reach of the network; no password was ever in it. */
    public BuildahSandbox openBuild(Attempt attempt, Path context) {
        return open(
                attempt,
                List.of(
                        new Mount(context, "/context", found().opensWhatItMounts()),
                        Mount.writable(attempt.store().cacheMounts(), "/tmp/buildah-cache-0")),
                config.network(),
                Optional.of(limits));
    }

    /** For TAG, LOGIN and PUSH, and for the stage where one is given. */
    public BuildahSandbox openPush(Attempt attempt, Optional<Path> stage) {
        return open(
                attempt,
                stage.map(directory -> List.of(Mount.writable(directory, "/stage")))
                        .orElse(List.of()),
                Network.HOST,
                Optional.empty());
    }

    /** For looking after a slot's store. */
    public BuildahSandbox openHousekeeping(Attempt attempt) {
        return open(attempt, List.of(), Network.NONE, Optional.empty());
    }

    private Probe.Report found() {
        return report.orElseThrow(() -> new IllegalStateException("buildah was not looked for"));
    }

    private BuildahSandbox open(Attempt attempt, List<Mount> more, Network network, Optional<Limits> held) {
        Path tmp = attempt.work().resolve("tmp");
        Path out = attempt.work().resolve("out");
        Store store = attempt.store();
        List<Mount> mounts = new ArrayList<>(List.of(
                Mount.writable(store.storage(), "/slot"),
                Mount.writable(store.blobCache(), "/var/lib/containers"),
                Mount.writable(tmp, "/tmp"),
                Mount.writable(tmp, "/var/tmp"),
                Mount.writable(out, "/out")));
        mounts.addAll(more);
        try {
            for (Path directory : List.of(
                    tmp.resolve("buildah-cache-0"), out, store.storage(), store.blobCache(), store.cacheMounts())) {
                Files.createDirectories(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("tried to prepare a sandbox but it failed: " + e.getMessage(), e);
        }
        Sandbox sandbox = Sandbox.open(
                runner,
                attempt.work(),
                files,
                new Sandbox.Layout(
                        mounts,
                        network,
                        found().allowed(),
                        held,
                        found().holds().groups()),
                attempt.silence(),
                attempt.killer());
        return new BuildahSandbox(sandbox, new Arguments(found().driver()), out, config.stepTimeout());
    }

    /** How much of the disk a store takes; may be asked while a build works in it, and takes its time. */
    public StoreUsage usage(Store store) {
        return DiskUsage.of(store);
    }

    /** Ends the sandboxes that work below a directory and belong to nobody any more. */
    public void endStrays(Path work) {
        StraySandboxes.end(work);
    }

    /** How much stands on the disk in some trees that was written since a moment, in bytes. */
    public long written(List<Path> trees, Instant since) {
        List<String> argv = new ArrayList<>(Sandbox.asRoot("/bin/bash", "-c", WRITTEN, "slipway-written"));
        argv.add("@%d.%09d".formatted(since.getEpochSecond(), since.getNano()));
        trees.forEach(tree -> argv.add(tree.toString()));
        ToolResult result = Tool.run(argv, Map.of(), new byte[0], config.stepTimeout());
        try {
            return Long.parseLong(result.output());
        } catch (NumberFormatException e) {
            throw new UncheckedIOException(new IOException("tried to measure " + trees + " but " + result.output()));
        }
    }

    /** Deletes a tree in which files belong to sub-uids of ours, which we cannot delete as ourselves. */
    public void deleteTree(Path tree) {
        Command command = Command.of(config.stepTimeout(), Sandbox.asRoot("rm", "-rf", "--", tree.toString()));
        CommandResult result = runner.run(command, OutputSink.DISCARD);
        if (!result.succeeded()) {
            throw new UncheckedIOException(new IOException("tried to delete " + tree + " but it failed: " + result));
        }
    }
}
