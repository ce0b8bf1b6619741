package dev.slipway.buildah;

import dev.slipway.process.Census;
import dev.slipway.process.Command;
import dev.slipway.process.CommandResult;
import dev.slipway.process.CommandRunner;
import dev.slipway.process.ControlGroup;
import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.Lifeline;
import dev.slipway.process.OutputSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Namespaces of their own (user, mount, PID, IPC, UTS and, by policy, network) with a minimal root, in which commands run.
 *
 * <p>A supervisor outside holds it: when heartbeats stop, or when this is closed, every process in it is killed, and its
 * mounts and temporary file systems go with the last one. Whoever waits in {@link #run} then gets its result.
 */
final class Sandbox implements AutoCloseable {
    /** What a supervisor calls itself in its arguments. */
    static final String SUPERVISOR_NAME = "slipway-supervisor";

    private static final Logger LOG = Logger.getLogger(Sandbox.class);
    private static final Duration OPENING = Duration.ofSeconds(20);
    private static final Duration CLOSING = Duration.ofSeconds(20);
    private static final String SUPERVISOR = Resource.text("supervisor.sh");
    private static final String SETUP = Resource.text("sandbox.sh");

    /**
     * What a command runs under: PROCESSES COMMAND... The kernel, where it runs out of memory, takes it first; and who
     * answers requests goes before it on the processors. A limit that the system has set lower already stays.
     */
    private static final String CONFINE = """
            echo 800 >/proc/self/oom_score_adj
            {
                ulimit -c 0
                ulimit -u "$1"
                ulimit -n 65536
            } 2>/dev/null
            shift
            exec nice -n 10 "$@"
            """;

    /** GROUP COMMAND...: who enters the namespaces of a sandbox from outside is not in its control group by that. */
    private static final String JOIN = """
            echo 0 >"$1/cgroup.procs" || exit
            shift
            exec "$@"
            """;

    private final Lifeline supervisor;
    private final CommandRunner runner;
    private final List<String> enter;
    /** Ends this sandbox only; the attempt's killer ends it too. */
    private final Killer own = new Killer();

    private final Killer attempt;
    private final Runnable end = own::kill;

    private final String namespace;
    private final Optional<ControlGroup> group;

    private Sandbox(
            Lifeline supervisor,
            CommandRunner runner,
            List<String> enter,
            String namespace,
            Optional<ControlGroup> group,
            Killer attempt) {
        this.supervisor = supervisor;
        this.group = group;
        this.namespace = namespace;
        this.runner = runner;
        this.enter = enter;
        this.attempt = attempt;
        own.onKill(() -> closeSupervisor());
        attempt.onKill(end);
    }

    /**
     * Makes a sandbox.
     *
     * @param work a directory of this sandbox's own, for its root's mount point and its table of mounts
     * @param files what stands in its /etc besides a few files of the system's own
     * @param silence how long it lives without a heartbeat
     * @param killer ends it, and refuses to open it where it was thrown already
     * @throws SandboxException if the system does not let us
     */
    static Sandbox open(CommandRunner runner, Path work, Path files, Layout layout, Duration silence, Killer killer) {
        Optional<ControlGroup> group = layout.group();
        try {
            Lifeline supervisor = Lifeline.start(Command.of(OPENING, supervisor(work, files, layout, group, silence)));
            return opened(supervisor, runner, layout, group, killer);
        } catch (RuntimeException e) {
            remove(group);
            throw e;
        }
    }

    private static Sandbox opened(
            Lifeline supervisor, CommandRunner runner, Layout layout, Optional<ControlGroup> group, Killer killer) {
        try {
            String answer = supervisor.readLine(OPENING);
            if (!answer.startsWith("ready ")) {
                throw new SandboxException("tried to make a sandbox but " + answer);
            }
            String first = answer.substring(6);
            String namespace = Census.namespaceOf(Long.parseLong(first));
            return new Sandbox(supervisor, runner, enter(first, layout, group), namespace, group, killer);
        } catch (IOException e) {
            supervisor.close(CLOSING);
            throw new SandboxException("tried to make a sandbox but " + e.getMessage());
        } catch (SandboxException e) {
            supervisor.close(CLOSING);
            throw e;
        }
    }

    private static void remove(Optional<ControlGroup> group) {
        group.filter(some -> !some.remove(CLOSING))
                .ifPresent(some -> LOG.errorf("the control group %s could not be removed in %s", some, CLOSING));
    }

    /**
     * What a sandbox sees, and how commands in it are held.
     *
     * @param allowed what it reaches beyond public addresses where its network is {@link Network#INTERNET}
     * @param limits of who is not trusted; our own tools need none
     * @param groups where it gets a control group of its own
     */
    record Layout(List<Mount> mounts, Network network, Set<Cidr> allowed, Optional<Limits> limits, Delegation groups) {
        private Optional<ControlGroup> group() {
            return groups.make(limits.map(Limits::inControlGroup).orElse(Map.of()));
        }
    }

    private static List<String> supervisor(
            Path work, Path files, Layout layout, Optional<ControlGroup> group, Duration silence) {
        Path root = work.resolve("root");
        Path fstab = work.resolve("fstab");
        List<String> pasta = List.of();
        try {
            Files.createDirectories(root);
            Files.writeString(fstab, Fstab.of(root, layout.mounts()));
            if (layout.network() == Network.INTERNET) {
                pasta = InternetAccess.of(layout.allowed()).write(work);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> argv = new ArrayList<>(List.of("setsid", "/bin/bash", "-c", SUPERVISOR, SUPERVISOR_NAME));
        argv.add("%d.%03d".formatted(silence.toSeconds(), silence.toMillisPart()));
        argv.add(Long.toString(OPENING.toSeconds()));
        argv.addAll(List.of(SETUP, root.toString(), fstab.toString(), files.toString()));
        argv.add(Integer.toString(layout.limits().map(Limits::highestPid).orElse(0)));
        argv.add(layout.network().name().toLowerCase(Locale.ROOT));
        argv.add(group.map(ControlGroup::toString).orElse(""));
        argv.addAll(pasta);
        return argv;
    }

    private static List<String> enter(String pid, Layout layout, Optional<ControlGroup> group) {
        // setsid: a Ctrl-C in our terminal is for us, and running builds get their grace. env: a signal that we were
        // started to ignore would be ignored by every RUN step too.
        List<String> argv = new ArrayList<>(List.of("setsid", "env", "--default-signal"));
        group.ifPresent(own -> argv.addAll(List.of("/bin/sh", "-c", JOIN, "slipway-join", own.toString())));
        layout.limits().ifPresent(limits -> argv.addAll(confine(limits)));
        argv.addAll(List.of("nsenter", "--target", pid, "--user", "--mount", "--pid", "--ipc", "--uts"));
        if (layout.network() != Network.HOST) {
            argv.add("--net");
        }
        argv.add("--");
        return List.copyOf(argv);
    }

    private static List<String> confine(Limits limits) {
        List<String> argv = new ArrayList<>(
                List.of("/bin/bash", "-c", CONFINE, "slipway-confine", Integer.toString(limits.hardProcesses())));
        limits.processors().ifPresent(count -> argv.addAll(List.of("taskset", "--cpu-list", Processors.some(count))));
        return argv;
    }

    /** The PID namespace in which its processes are, as {@link Census} names it. */
    String namespace() {
        return namespace;
    }

    /** What the kernel has refused its processes, or killed them for. */
    Optional<ControlGroup.Refusal> refusal() {
        return group.flatMap(ControlGroup::refusal);
    }

    /** Kills whatever runs inside, and does not wait for its end; {@link #close} does. */
    void end() {
        Thread.ofVirtual().name("sandbox-end").start(end);
    }

    /** Runs a command inside, as root of the sandbox's user namespace, to its end or the sandbox's. */
    CommandResult run(Command command, OutputSink sink) {
        List<String> argv = new ArrayList<>(enter);
        argv.addAll(command.argv());
        return runner.run(
                new Command(argv, command.environment(), Path.of("/"), command.stdin(), command.deadline()), sink, own);
    }

    /** Says that its owner is alive and may go on; not saying so for the time it was opened with ends it. */
    void heartbeat() {
        supervisor.beat();
    }

    /** Whether commands can still run in it; a command that ran too long ends its sandbox. */
    boolean isOpen() {
        return !own.killed() && supervisor.isAlive();
    }

    /** Kills whatever runs inside and returns when all of it is gone. */
    @Override
    public void close() {
        attempt.forget(end);
        own.kill();
        if (!closeSupervisor()) {
            awaitGone();
        }
        remove(group);
    }

    private boolean closeSupervisor() {
        boolean ended = supervisor.close(CLOSING);
        if (!ended) {
            LOG.errorf("the supervisor of a sandbox (process %d) did not end in %s", supervisor.pid(), CLOSING);
        }
        return ended;
    }

    /** A process that waits for its disk cannot be killed, and may write to the store once it goes on: nobody else may. */
    private void awaitGone() {
        while (!Thread.currentThread().isInterrupted() && !Census.awaitEnd(namespace, CLOSING)) {
            LOG.errorf("processes of a closed sandbox (%s) are still there; its slot waits for them", namespace);
        }
    }

    /** A command line that runs as root of a user namespace with our sub-uids, and in no other namespace of its own. */
    static List<String> asRoot(String... argv) {
        List<String> all = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--map-auto", "--"));
        all.addAll(List.of(argv));
        return all;
    }

    /** The environment of every command inside: nothing of ours. */
    static Map<String, String> environment() {
        return Map.of(
                "HOME", "/run/home",
                "LANG", "C.UTF-8",
                "TMPDIR", "/tmp",
                "XDG_RUNTIME_DIR", "/run",
                // buildah starts itself anew for every file it looks at; collecting less garbage makes each start a
                // sixth shorter, for some ten megabytes more memory
                "GOGC", "400",
                // we are in the user namespace already: no second one
                "_CONTAINERS_USERNS_CONFIGURED", "done",
                "BUILDAH_ISOLATION", "chroot");
    }
}
