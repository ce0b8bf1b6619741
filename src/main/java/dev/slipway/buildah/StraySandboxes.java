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
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Sandboxes that outlived the service they belonged to: a supervisor that was frozen cannot notice its end. They are known
 * by their work directory, which stands in the arguments of the supervisor and of who made the namespaces.
 */
final class StraySandboxes {
    private static final Logger LOG = Logger.getLogger(StraySandboxes.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** What unshare is told in supervisor.sh: its end is the end of all inside. */
    private static final String MAKES_NAMESPACES = "--kill-child=KILL";

    private static final Path PROC = Path.of("/proc");

    private final String inside;

    private StraySandboxes(Path work) {
        this.inside = work + "/";
    }

    /** Ends all that work in a directory of ours, and returns when they are gone. Nobody else may be using it. */
    static void end(Path work) {
        new StraySandboxes(work).end();
    }

    private void end() {
        // The first process inside goes when all the others are gone, and takes those with it that we may not kill.
        List<ProcessHandle> strays = ProcessHandle.allProcesses()
                .filter(this::isStray)
                .flatMap(stray -> Stream.concat(Stream.of(stray), stray.descendants()))
                .distinct()
                .toList();
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
        try {
            Path cmdline = PROC.resolve(Long.toString(process.pid())).resolve("cmdline");
            List<String> argv =
                    Arrays.asList(new String(Files.readAllBytes(cmdline), StandardCharsets.UTF_8).split("\0"));
            return (argv.contains(Sandbox.SUPERVISOR_NAME) || argv.contains(MAKES_NAMESPACES))
                    && argv.stream().anyMatch(word -> word.startsWith(inside));
        } catch (IOException e) {
            return false; // it ended
        }
    }
}
