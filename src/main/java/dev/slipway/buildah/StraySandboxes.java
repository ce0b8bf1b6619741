package dev.slipway.buildah;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Sandboxes that outlived the service they belonged to: a supervisor that was frozen cannot notice its end. They are known
 * by their work directory, which stands in the supervisor's arguments and among the mounts of whoever is inside.
 */
final class StraySandboxes {
    private static final Logger LOG = Logger.getLogger(StraySandboxes.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Path PROC = Path.of("/proc");

    private final String inside;
    private final Path ownMounts;

    private StraySandboxes(Path work, Path ownMounts) {
        this.inside = work + "/";
        this.ownMounts = ownMounts;
    }

    /** Ends all that work in a directory of ours, and returns when they are gone. Nobody else may be using it. */
    static void end(Path work) {
        try {
            Path ownMounts = Files.readSymbolicLink(PROC.resolve("self/ns/mnt"));
            new StraySandboxes(work, ownMounts).end();
        } catch (IOException e) {
            LOG.warnf("tried to look for sandboxes of an earlier run but could not: %s", e);
        }
    }

    private void end() {
        List<ProcessHandle> strays =
                ProcessHandle.allProcesses().filter(this::isStray).toList();
        if (strays.isEmpty()) {
            return;
        }
        LOG.warnf(
                "ending sandboxes of an earlier run: processes %s",
                strays.stream().map(ProcessHandle::pid).toList());
        strays.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture<?> gone = CompletableFuture.allOf(
                strays.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            gone.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.errorf("processes of an earlier run did not end within %s", PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isStray(ProcessHandle process) {
        Path proc = PROC.resolve(Long.toString(process.pid()));
        try {
            List<String> argv = Arrays.asList(
                    new String(Files.readAllBytes(proc.resolve("cmdline")), StandardCharsets.UTF_8).split("\0"));
            if (argv.contains(Sandbox.SUPERVISOR_NAME) && argv.stream().anyMatch(word -> word.startsWith(inside))) {
                return true;
            }
            return !Files.readSymbolicLink(proc.resolve("ns/mnt")).equals(ownMounts)
                    && new String(Files.readAllBytes(proc.resolve("mountinfo")), StandardCharsets.UTF_8)
                            .contains(inside);
        } catch (IOException e) {
            return false; // it ended, or is somebody else's
        }
    }
}
